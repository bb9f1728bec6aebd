"""Which lines of a paragraph send readers to other sections."""

import pytest

from procedures.markup import clean, paragraphs
from procedures.signposts import LONGEST_LINE, signposts


def found(body: str) -> list[tuple[str, str]]:
    return [each for paragraph in paragraphs(clean(body), None) for each in signposts(paragraph)]


def test_the_line_with_the_link_is_the_signpost() -> None:
    body = '<p>Before.</p><p>A baby went blue? See <a href="section:brue">BRUE</a>.</p>'
    assert found(body) == [("brue", "A baby went blue? See BRUE .")]


@pytest.mark.parametrize(
    "body",
    [
        '<ul><li>A bruise</li><li>A floppy baby: <a href="section:brue">BRUE</a></li></ul>',
        '<table><tr><td>A floppy baby</td><td><a href="section:brue">BRUE</a></td></tr>'
        "<tr><td>A bruise</td></tr></table>",
    ],
)
def test_of_a_list_or_table_it_is_the_item_or_row(body: str) -> None:
    ((key, line),) = found(f"<p>What you see:</p>{body}")
    assert key == "brue"
    assert "floppy baby" in line
    assert "bruise" not in line


def test_links_to_anything_else_are_none() -> None:
    body = (
        '<p><a href="https://example.org/">A site</a>, <a href="contact:front-door">a number</a>,'
        ' <a href="paragraph:p-222222">a paragraph</a>, and the word "section:" itself.</p>'
    )
    assert found(body) == []


def test_lists_of_related_sections_are_none() -> None:
    line = '<p>See <a href="section:brue">BRUE</a>.</p>'
    assert found(f"<h2>Related sections</h2>{line}<h2>Key documents</h2>{line}") == []
    assert len(found(f"<h2>Recognise</h2>{line}")) == 1


def test_a_long_story_with_a_link_in_it_is_none() -> None:
    link = '<a href="section:brue">BRUE</a>'
    assert found(f"<p>{'word ' * LONGEST_LINE}{link}</p>") == []
    assert len(found(f"<p>{'word ' * (LONGEST_LINE - 1)}{link}</p>")) == 1
