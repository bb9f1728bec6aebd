"""Words explained where they are used: each once, where it first stands, and never the subject of the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.web.conftest import Reader


def test_a_word_of_the_glossary_is_explained_where_it_first_stands_and_only_there(read: Reader) -> None:
    page = read("/sections/brue")
    words = page.all("//main//button[@popovertarget]")
    targets = [word.get("popovertarget") for word in words]
    assert "strategy discussion" in {word.text_content() for word in words}
    assert len(targets) == len(set(targets))
    for target in targets:
        (meaning,) = page.all(f"//*[@id='{target}' and @popover]")
        assert len(" ".join(meaning.text_content().split())) > 20
        assert meaning.xpath(".//a[starts-with(@href, '/glossary#')]")


def test_the_subject_of_a_page_is_not_explained_on_it(read: Reader) -> None:
    assert not read("/sections/brue").all("//button[@popovertarget='term-brue']")
    elsewhere = read("/sections/bruising-non-mobile").all("//button[@popovertarget]")
    assert elsewhere


def test_nothing_is_explained_inside_a_link_a_note_or_a_heading(read: Reader) -> None:
    page = read("/sections/making-a-referral")
    assert not page.all("//a//button | //h1//button | //h2//button | //h3//button | //th//button")
    assert page.all("//button[@popovertarget]")


def test_everyday_words_and_old_names_are_left_to_the_search(read: Reader) -> None:
    kinds = {entry.get("popovertarget") for entry in read("/sections/brue").all("//button[@popovertarget]")}
    assert "term-floppy-baby" not in kinds
    assert "term-alte" not in kinds
