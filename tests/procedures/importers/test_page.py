"""A saved page becomes a section: its number and title, its paragraphs with their numbers, its dates, its notes."""

import pytest

from procedures.errors import Invalid
from procedures.importers.page.read import decode, read_page
from procedures.importers.page.review_dates import ReviewLine, is_review_label, read_review_line
from procedures.importers.reading import Amendment, ReadSection, SourceFile
from procedures.markup import clean, paragraphs


def read(content: str | bytes, name: str = "manual/page.html") -> ReadSection:
    """Read a page, whole or only the inside of its main content."""
    if isinstance(content, str) and "<body" not in content:
        content = f"<body><nav>Menu</nav><main>{content}</main><footer>Foot</footer></body>"
    found = read_page(SourceFile(name, content.encode() if isinstance(content, str) else content)).sections[0]
    assert clean(found.body) == found.body
    assert len(paragraphs(found.body, None)) == len(found.printed_numbers)
    return found


def texts(section: ReadSection) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(section.body, None)]


def unplaced(content: str) -> list[str]:
    page = f"<body><main>{content}</main></body>"
    return [found.text for found in read_page(SourceFile("page.html", page.encode())).unplaced]


# -- number and title ----------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "number", "title"),
    [
        ("8.14 Domestic Abuse", "8.14", "Domestic Abuse"),
        ("8.14&nbsp;Domestic&nbsp;Abuse", "8.14", "Domestic Abuse"),
        ("8.32.3 Reporting All Children who Go Missing", "8.32.3", "Reporting All Children who Go Missing"),
        ("Chapter 8.14: Domestic Abuse", "8.14", "Domestic Abuse"),
        ("Chapter 6 The Child Protection Plan", "6", "The Child Protection Plan"),
        ("Domestic Abuse (8.14)", "8.14", "Domestic Abuse"),
        ("Domestic Abuse 8.14", "8.14", "Domestic Abuse"),
        ("<span>8.14</span><span>Domestic Abuse</span>", "8.14", "Domestic Abuse"),
        ("Domestic Abuse", None, "Domestic Abuse"),
        ("10 things to remember", None, "10 things to remember"),
        ("8.14 Domestic Abuse <a href='#'>Show amendments</a>", "8.14", "Domestic Abuse"),
    ],
)
def test_the_number_and_the_title_are_told_apart(heading: str, number: str | None, title: str) -> None:
    section = read(f"<h1>{heading}</h1><p>Text.</p>")
    assert (section.number, section.title) == (number, title)


def test_the_name_of_the_site_is_not_the_title() -> None:
    page = "<body><header><h1>Our Procedures</h1></header><div><h1>8.14 Domestic Abuse</h1><p>Text.</p></div></body>"
    assert read(page).title == "Domestic Abuse"


def test_a_page_without_heading_takes_its_title_from_the_browser_tab() -> None:
    page = "<head><title>8.14 Domestic Abuse | Sussex</title></head><body><p>Text.</p></body>"
    assert (read(page).number, read(page).title) == ("8.14", "Domestic Abuse")


# -- review dates --------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reviewed_on", "review_due"),
    [
        ("Last reviewed in April 2024", "2024-04", None),
        ("Date of last review: 14th July 2022", "2022-07-14", None),
        ("This policy was last reviewed in January 2023.", "2023-01", None),
        ("Reviewed September 2022", "2022-09", None),
        ("Reviewed: 03/09/2022", "2022-09-03", None),
        ("Date of review April 2024 (post Working Together)", "2024-04", None),
        ("New protocol created in April 2022", "2022-04", None),
        ("Date of next review: April 2027", None, "2027-04"),
        ("Next review Sept 2025", None, "2025-09"),
        ("For review in April 2025", None, "2025-04"),
        ("This policy is under review", None, None),
        ("Last reveiwed in Arpil 2024", "2024-04", None),
        ("Date of lsat review: Febuary 2020", "2020-02", None),
        ("Date of next reveiw: Setpember 2026", None, "2026-09"),
        ("Last reviewed in April 2024. Date of next review: April 2026", "2024-04", "2026-04"),
        ("Last reviewed 31 February 2022", "2022-02", None),
        ("Next review date 31st September 2025", None, "2025-09"),
        ("Reviewed 2022-04-30; next review due 2024-04-30", "2022-04-30", "2024-04-30"),
    ],
)
def test_review_dates_are_read_in_all_their_wordings(
    line: str, reviewed_on: str | None, review_due: str | None
) -> None:
    assert read_review_line(line) == ReviewLine(reviewed_on, review_due)
    section = read(f"<h1>8.1 A</h1><p>{line}</p><p>Text.</p>")
    assert (section.reviewed_on, section.review_due, section.review_lines) == (reviewed_on, review_due, (line,))
    assert texts(section) == ["Text."]


@pytest.mark.parametrize(
    "line",
    [
        "Review the plan with the family in April 2024.",
        "Last month the core group met.",
        "Reviewed cases from April 2022 show that practitioners often accept what a parent says without asking again.",
        "The review conference takes place within three months.",
        "Next review conference",
        "Last reviewed in Brighton",
        "Last reviewed in April 1024",
    ],
)
def test_guidance_that_speaks_of_reviews_stays_guidance(line: str) -> None:
    assert texts(read(f"<h1>8.1 A</h1><p>{line}</p>")) == [line]


def test_dates_in_cells_and_after_line_breaks_are_read_too() -> None:
    cells = "<table><tr><td>Last reviewed<td>April 2024<tr><td>Next review:<td>May 2026</table>"
    section = read(f"<h1>8.1 A</h1>{cells}<p>Text.</p>")
    assert (section.reviewed_on, section.review_due, texts(section)) == ("2024-04", "2026-05", ["Text."])
    section = read("<h1>8.1 A</h1><p>Last reviewed in April 2024<br>Next review: May 2026<br>Text.</p>")
    assert section.review_lines == ("Last reviewed in April 2024", "Next review: May 2026")
    assert texts(section) == ["Text."]
    assert is_review_label("Date of next review:")


# -- amendments and contents ---------------------------------------------------


def test_an_amendments_table_is_read_row_by_row() -> None:
    section = read(
        "<h1>8.1 A</h1><div class='amendments'><a href='#'>Show amendments</a><table><tr><th>Chapter<th>Details<th>Date"
        "<tr><td>8.1 A<td>Updating links<td>12/03/2022<tr><td>8.1 A<td>New note<td>May 2023</table></div><p>Text.</p>"
    )
    assert section.amendments == (
        Amendment("12/03/2022", "8.1 A: Updating links"),
        Amendment("May 2023", "8.1 A: New note"),
    )
    assert texts(section) == ["Text."]


@pytest.mark.parametrize(
    "box",
    [
        "<table><tr><td><p><b>AMENDMENT</b></p><p>{}</p></td></tr></table>",
        "<p>AMENDMENT</p><p>{}</p>",
        "<details><summary>Show amendments</summary><p>{}</p></details>",
        "<p><a href='#'>Show amendments</a></p><div style='display:none'><p>{}</p></div>",
    ],
)
def test_amendments_in_prose_are_found_in_every_kind_of_box(box: str) -> None:
    words = "In February 2022 a note was added to section 1."
    section = read(f"<h1>8.1 A</h1>{box.format(words)}<h2>Scope</h2><p>Text.</p>")
    assert section.amendments == (Amendment("February 2022", words),)
    assert texts(section) == ["Text."]


def test_a_contents_list_is_kept_as_a_remark_and_makes_no_paragraph() -> None:
    section = read(
        "<h1>8.1 A</h1><h2>Contents</h2><ul><li>Scope <a href='#s'>(Jump to)</a></li></ul>"
        "<ul><li><a href='#x'>Aims</a></li><li><a href='#y'>Steps</a></li></ul><h2 id=s>Scope</h2><p>Text.</p>"
    )
    assert section.remarks[0] == "Contents\nScope (Jump to)\nAims\nSteps"
    assert section.body == "<h2>Scope</h2>\n<div><p>Text.</p></div>"


# -- paragraphs ----------------------------------------------------------------


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>8.1.1</td><td>One.</td></tr><tr><td>8.1.3</td><td>Three.</td></tr></table>",
        "<div><div>8.1.1</div><div><p>One.</p></div></div><div><div>8.1.3</div><div>Three.</div></div>",
        "<div><span>8.1.1</span><span>One.</span></div><div><span>8.1.3</span> <span>Three.</span></div>",
        "<dl><dt>8.1.1</dt><dd>One.</dd><dt>8.1.3</dt><dd>Three.</dd></dl>",
        "<p>8.1.1 One.</p><p>8.1.3&nbsp; Three.</p>",
        "<ul><li>8.1.1 One.</li><li>8.1.3. Three.</li></ul>",
        "<p><b>8.1.1</b> One.<p><strong>8.1.3 </strong>Three.",
    ],
)
def test_numbered_paragraphs_are_found_in_every_layout_and_gaps_are_kept(markup: str) -> None:
    section = read(f"<h1>8.1 A</h1>{markup}")
    assert section.printed_numbers == ("8.1.1", "8.1.3")
    assert texts(section) == ["One.", "Three."]


def test_lists_and_tables_belong_to_the_paragraph_they_follow() -> None:
    section = read(
        "<h1>8.1 A</h1><p>8.1.1 Refer if:</p><ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>"
        "<table border=1><caption>Risk</caption><tr><th scope=col>Level<th colspan=2>Act"
        "<tr><td rowspan=2>High<td>Ring<td>999<tr><td>Write<td>it</table><p>8.1.2 Next.</p>"
    )
    assert section.printed_numbers == ("8.1.1", "8.1.2")
    assert "<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>" in section.body
    assert '<caption>Risk</caption><tbody><tr><th scope="col">Level</th><th colspan="2">Act</th></tr>' in section.body
    assert '<td rowspan="2">High</td>' in section.body


def test_rows_of_a_table_without_body_stand_in_one_so_that_cells_may_span_them() -> None:
    section = read(
        "<h1>8.1 A</h1><table><tr><th rowspan=2>Level</th><td>a</td></tr><tr><td>b</td></tr></table><p>Text.</p>"
    )
    rows = '<tr><th rowspan="2">Level</th><td>a</td></tr><tr><td>b</td></tr>'
    assert f"<table><tbody>{rows}</tbody></table>" in section.body


def test_lines_inside_items_and_cells_do_not_run_into_one_another() -> None:
    cells = "<tr><td>intro<table><tr><td>a</td><td>b</td></tr></table></td><td>c<p>d</p></td></tr>"
    section = read(
        f"<h1>8.1 A</h1><ul><li>one<p>two</p>three</li></ul><h2>B</h2><table><tr><th>x</th></tr>{cells}</table>"
    )
    assert texts(section) == ["- one\ntwo\nthree", "x\nintro\na | b\nc\nd"]


def test_all_that_stands_in_a_numbered_row_is_one_paragraph() -> None:
    row = "<td>8.1.1</td><td><p>One.</p><p>More.</p><ul><li>item</li></ul><p>Last.</p></td>"
    section = read(f"<h1>8.1 A</h1><table><tr>{row}</tr></table><p>Free.</p>")
    assert texts(section) == ["One.\nMore.\n- item\nLast.", "Free."]
    assert section.printed_numbers == ("8.1.1", None)


def test_an_empty_number_is_named_and_makes_no_paragraph() -> None:
    section = read("<h1>44.1 A</h1><table><tr><td>44.1.1<td><tr><td>44.1.2<td>Two.</table>")
    assert section.printed_numbers == ("44.1.2",)
    assert "Paragraph 44.1.1 has no text." in section.remarks


def test_an_empty_number_does_not_take_a_paragraph_with_its_own_number() -> None:
    section = read("<h1>44.1 A</h1><p>44.1.4</p><p>44.1.5 fifth</p>")
    assert (section.printed_numbers, texts(section)) == (("44.1.5",), ["fifth"])
    assert section.remarks == ("Paragraph 44.1.4 has no text.",)


def test_numbers_may_have_four_parts_and_another_chapter() -> None:
    section = read("<h1>8.14 A</h1><p>15.6.6.1 One.</p><p>12.04.24 was a Friday.</p><p>2.5 million children</p>")
    assert section.printed_numbers == ("15.6.6.1", None, None)


def test_headings_of_any_level_and_bold_lines_become_two_levels() -> None:
    section = read("<h1>8.1 A</h1><h3>First</h3><p>One.</p><h5>Second</h5><p>Two.</p><p><b>Third</b></p><p>Three.</p>")
    found = [paragraph.heading for paragraph in paragraphs(section.body, None)]
    assert found == [("First",), ("First", "Second"), ("First", "Third")]


def test_a_bold_sentence_stays_a_paragraph() -> None:
    assert texts(read("<h1>8.1 A</h1><p><b>Ring 999 at once.</b></p>")) == ["Ring 999 at once."]


def test_tables_that_only_lay_the_page_out_leave_no_trace() -> None:
    section = read(
        "<table width='100%'><tr><td><h1>8.1 A</h1><table><tr><td><h2>Scope</h2><p>One.</p></td></tr></table>"
        "<p>Two.</p></td></tr></table>"
    )
    assert section.body == "<h2>Scope</h2>\n<div><p>One.</p></div>\n<div><p>Two.</p></div>"


# -- areas ---------------------------------------------------------------------


def test_lists_by_area_become_paragraphs_of_their_areas() -> None:
    section = read(
        "<h1>8.1 A</h1><p><b>LOCAL GUIDANCE</b></p><ul><li>Brighton and Hove<ul><li>Ring one</li></ul></li>"
        "<li>West Sussex: ring two</li><li><b>East Sussex</b> ring three</li></ul><h2>Scope</h2><p>All.</p>"
    )
    found = [(paragraph.area, paragraph.text.split()[-1]) for paragraph in paragraphs(section.body, None)]
    assert found == [("Brighton & Hove", "one"), ("West Sussex", "two"), ("East Sussex", "three"), (None, "All.")]


def test_a_heading_that_names_an_area_marks_what_is_under_it() -> None:
    section = read(
        "<h1>8.1 A</h1><h2>Local</h2><h3>West Sussex</h3><p>One.</p><ul><li>item</li></ul><h3>East Sussex</h3>"
        "<p>Two.</p><h2>After</h2><p>All.</p>"
    )
    assert [paragraph.area for paragraph in paragraphs(section.body, None)] == ["West Sussex", "East Sussex", None]


def test_a_label_that_names_an_area_ends_where_numbered_text_goes_on() -> None:
    section = read(
        "<h1>8.1 A</h1><p>8.1.1 Ring:</p><p><b>West Sussex:</b></p><ul><li>one</li></ul><p><b>East Sussex:</b></p>"
        "<p>two</p><p>8.1.2 All.</p>"
    )
    found = [(paragraph.area, paragraph.text) for paragraph in paragraphs(section.body, None)]
    assert found == [
        (None, "Ring:"),
        ("West Sussex", "West Sussex:\n- one"),
        ("East Sussex", "East Sussex:\ntwo"),
        (None, "All."),
    ]


# -- footnotes -----------------------------------------------------------------


def test_notes_of_both_styles_stand_where_their_markers_stood() -> None:
    section = read(
        "<h1>8.1 A</h1><p>Children Act[i] and the duty<sup><a href='#_ftn1' name='_ftnref1'>[1]</a></sup> hold.</p>"
        "<h2>Notes</h2><p>[i] Section 47.</p>"
        "<div id=ftn1><p><a href='#_ftnref1' name='_ftn1'>[1]</a> Since 2015.</p></div>"
    )
    assert section.body == (
        "<div><p>Children Act<small>Section 47.</small> and the duty<small>Since 2015.</small> hold.</p></div>"
    )


def test_notes_in_a_list_are_found_by_their_links() -> None:
    section = read(
        "<h1>8.1 A</h1><p>Duty<sup id='fnref:1'><a href='#fn:1'>1</a></sup> and H<sub>2</sub>O, m<sup>2</sup>.</p>"
        "<div class='footnotes'><ol><li id='fn:1'><p>Act 1989. <a href='#fnref:1'>↩</a></p></li></ol></div>"
    )
    assert section.body == "<div><p>Duty<small>Act 1989.</small> and H<sub>2</sub>O, m<sup>2</sup>.</p></div>"


def test_several_notes_in_one_box_each_go_to_their_own_marker() -> None:
    section = read(
        '<h1>8.1 A</h1><p>Alpha<a href="#_ftn1" name="_ftnref1">[1]</a> beta<a href="#_ftn2" name="_ftnref2">[2]</a> '
        'gamma [i]</p> <div class="footnotes"><p><a name="_ftn1" href="#_ftnref1">[1]</a> Note one.</p><p>More.</p>'
        '<p><a name="_ftn2" href="#_ftnref2">[2]</a> Note two.</p><p>[i] Roman one.</p></div>'
    )
    assert section.body == (
        "<div><p>Alpha<small>Note one.<br/>More.</small> beta<small>Note two.</small> gamma <small>Roman one.</small>"
        "</p></div>"
    )


def test_a_note_is_told_once_and_one_without_marker_is_named() -> None:
    page = "<h1>8.1 A</h1><p>One[1]</p><p>Two[1]</p><p>Three [4]</p><p>[1] Note.</p><p>[2] Nobody.</p>"
    assert read(page).body.count("Note.") == 1
    assert "Three [4]" in read(page).body
    assert unplaced(page) == ["[2] Nobody."]


def test_a_marker_in_a_heading_gives_its_note_to_the_paragraph_below() -> None:
    section = read("<h1>8.1 A</h1><h2>Scope[1]</h2><p>Text.</p><p>[1] Note.</p>")
    assert section.body == "<h2>Scope</h2>\n<div><p>Text.</p><p><small>Note.</small></p></div>"


# -- links, images, clutter ----------------------------------------------------


def test_links_keep_their_words_and_addresses_without_the_pasted_host() -> None:
    section = read(
        "<h1>8.1 A</h1><p><a href='https://a.service.gov.uk/wt.pdf'>Working Together (a.service.gov.uk)</a>, "
        "<a href='https://b.org/x'>Advice</a> (b.org), <a href='../8.2/y.html#z'>8.2</a></p>"
    )
    assert section.body == (
        '<div><p><a href="https://a.service.gov.uk/wt.pdf">Working Together</a>, <a href="https://b.org/x">Advice</a>, '
        '<a href="../8.2/y.html#z">8.2</a></p></div>'
    )
    assert section.remarks == ("Hosts pasted after links: (a.service.gov.uk) · (b.org)",)
    assert section.wants == ("https://a.service.gov.uk/wt.pdf",)


def test_images_and_downloads_are_wanted_and_alternative_text_is_kept() -> None:
    section = read("<h1>8.1 A</h1><p>See <img src='f/chart.png' alt='Flow chart'> <a href='form.DOCX?x=1'>form</a></p>")
    assert section.wants == ("f/chart.png", "form.DOCX?x=1")
    assert texts(section) == ["See [Flow chart] form"]


def test_what_word_leaves_in_a_page_is_swept_out() -> None:
    section = read(
        "<h1>8.1 A</h1><p class=MsoNormal style='mso-x:1'><o:p>&nbsp;</o:p><st1:place w:st='on'>Sussex</st1:place>"
        "<![if !supportLists]> is<![endif]><!--[if gte mso 9]><xml>no</xml><![endif]--> <font size=2>here</font></p>"
        "<p><o:p>&nbsp;</o:p></p>"
    )
    assert section.body == "<div><p>Sussex is here</p></div>"


def test_nothing_that_runs_comes_through() -> None:
    section = read(
        "<h1>8.1 A</h1><script>x()</script><p onclick='x()'><a href='javascript:x()'>Go</a><iframe src=x></iframe>"
        "<svg onload=x()></svg><style>p{}</style></p>"
    )
    assert section.body == "<div><p><a>Go</a></p></div>"


# -- what a page is called, and how it is written ------------------------------


def test_a_page_answers_to_all_the_names_others_link_to_it_by() -> None:
    page = (
        "<!-- saved from url=(0063)https://x.procedures.org.uk/yxkypsl/specific/domestic-abuse -->"
        "<html><head><link rel='canonical' href='https://x.procedures.org.uk/ykypsl/other/slug?a=1'>"
        "<meta property='og:url' content='https://x.procedures.org.uk/p_dom.html'></head>"
        "<body><h1>8.1 A</h1><p>Text.</p></body></html>"
    )
    assert read(page, "folder\\Domestic.html").addresses == (
        "/ykypsl/other/slug?a=1",
        "ykypsl",
        "/p_dom.html",
        "/yxkypsl/specific/domestic-abuse",
        "yxkypsl",
        "Domestic.html",
    )


@pytest.mark.parametrize(
    "content",
    [
        "<p>“Child’s” – £5".encode("windows-1252"),
        b"<meta charset=utf-8>" + "<p>“Child’s” – £5".encode("windows-1252"),
        b"<meta charset=iso-8859-1>" + "<p>“Child’s” – £5".encode(),
        b"<meta http-equiv=Content-Type content='text/html; charset=windows-1252'>"
        + "<p>“Child’s” – £5".encode("windows-1252"),
        "<p>“Child’s” – £5".encode("utf-8-sig"),
        "\ufeff<p>“Child’s” – £5".encode("utf-16-le"),
        "<p>“Child’s” – £5".encode("utf-16-be"),
        "<p>&#147;Child&#146;s&#148; &ndash; &pound;5".encode("ascii"),
        b"<meta charset=no-such-thing>" + "<p>“Child’s” – £5".encode(),
        b"<p>\xe2\x80\x9cChild\x92s\xe2\x80\x9d \x96 \xa35",
    ],
)
def test_curly_quotes_survive_every_encoding(content: bytes) -> None:
    assert texts(read(content))[0] == "“Child’s” – £5"


def test_any_bytes_at_all_can_be_decoded() -> None:
    for declared in (b"", b"<meta charset=utf-16>", b"<meta charset=shift_jis>", b"<meta charset=koi8-r>"):
        assert decode(declared + bytes(range(256)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"%PDF-1.7 <p>",
        b"PK\3\4<p>",
        b"plain words",
        b"\0\1\2<p>",
        b"<html></html>",
        b"<main><p></p></main>",
    ],
)
def test_what_is_no_page_with_content_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(Invalid, match=r"^It [^\n]*\.$"):
        read_page(SourceFile("page.html", content))


def test_buttons_search_boxes_and_crumbs_inside_the_content_are_accounted_for() -> None:
    page = "<h1>8.1 A</h1><nav>Crumbs</nav><form class='search'>Find</form><p>Text.</p><a href='#'>Top of page</a>"
    assert unplaced(page) == ["Crumbs", "Find"]
    assert read(page).remarks == ("Words of the page's controls and labels: Top of page",)
    assert texts(read(page)) == ["Text."]


def test_text_beside_the_main_content_is_named_and_site_furniture_is_not() -> None:
    page = (
        "<body><nav>Menu</nav><main><h1>8.1 A</h1><p>Text.</p></main></main><p>Stray.</p><footer>Foot</footer></body>"
    )
    assert [found.text for found in read_page(SourceFile("page.html", page.encode())).unplaced] == ["Stray."]


def test_boxes_amid_the_guidance_are_accounted_for_whatever_their_class() -> None:
    page = (
        "<body><div class=menu>Site</div><h1>8.50 A</h1><div class=header><p>Last reviewed in March 2022</p><p>One</p>"
        "<p>Two</p></div><div class=parent-feedback><p>Feed.</p></div><div class=menu><p>Three</p></div>"
        "<p>8.50.1 Text.</p><div class=footer><h3>Foot</h3></div></body>"
    )
    reading = read_page(SourceFile("page.html", page.encode()))
    assert [found.text for found in reading.unplaced] == ["One\nTwo", "Three"]
    assert texts(reading.sections[0]) == ["Feed.", "Text."]
    assert reading.sections[0].reviewed_on == "2022-03"
    page = f"<body><div><h1>8.50 A</h1><p>{'Long text. ' * 9}</p></div><div class=menu>Three</div><p>Four</p></body>"
    assert [found.text for found in read_page(SourceFile("page.html", page.encode())).unplaced] == ["Three\nFour"]


def test_a_document_type_with_declarations_leaves_no_words() -> None:
    page = '<!-- a --><!DOCTYPE html [\n<!ENTITY x "a ]> b">\n<!-- don\'t -->]>\n<html><body><h1>8.1 A</h1><p>Text.</p>'
    assert texts(read(page)) == ["Text."]
