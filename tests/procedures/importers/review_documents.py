"""Documents about reviews, of our own writing, and what the tests of their reader ask of a reading."""

import io
import re
import zlib
from collections.abc import Iterable, Sequence

import docx

from procedures.importers.reading import Reading, SourceFile
from procedures.importers.review.read import read_review
from procedures.model import LearningPoint, Review

SEVEN_MINUTES = """Brighton & Hove Safeguarding Children Partnership
Seven-minute briefing: Baby Liam

1. Background
Baby Liam lived with his mother and her new partner. Both parents had been in care as children.

2. The incident
In October 2015 Baby Liam was admitted to hospital with several fractures.

3. What worked well
• The midwife kept visiting although the door was often shut
• The nursery passed on its worries on the same day.

4. What we learned
• Practitioners should ask who else looks after the baby, and assess fathers and partners.
• Care leavers who become parents need support that does not end at eighteen.
• Polite families can show disguised compliance

5. What has changed
• The pre-birth protocol was updated in March 2017.
• Training on including fathers will be offered from next spring.

6. Further reading
Ask your safeguarding lead for the full report.
"""

EXECUTIVE_SUMMARY = """Norfolk Safeguarding Children Board

Serious Case Review: Family U

Executive summary

Published: 12 June 2018

Circumstances

Four siblings lived with serious neglect for years. The incident that led to this review was in May 2014.

The independent reviewer

The review was concluded on 3 November 2017. It followed Working Together 2015.

Recommendations

1. The Board should make sure that every agency maps the family's history before it closes a case.
2. Children's Services should revise the neglect procedure so that drift is challenged in supervision.
3. The Board should seek assurance, by audit, that children are seen alone.
"""

PRACTICE_REVIEW = """Local Child Safeguarding Practice Review: Child Delta

Commissioned by the Pan-Wessex Safeguarding Children Partnership

Child Delta died at home in December 2019, aged 20 months.

Findings and recommendations

Recommendation 1: The partnership should review its threshold guidance. It should name the risks of leaving
young children alone.
Response: The threshold guidance was revised and launched in June 2021.

Recommendation 2: Housing providers should be trained to recognise neglect.
Response: Training will be commissioned in the autumn.

Recommendation 3: Health visitors need to know when a child was not brought to an appointment.
Response: A new alert in the electronic records system has been introduced.
Status: Complete
"""

THEMATIC = """Thematic learning briefing: injuries to babies under one

This briefing brings together learning from three reviews.

In two of the cases Child P and Child Q had been seen by four services in their first month.

Reviewers found that information about the father was not recorded by any service.

Professionals should treat any bruise on a non-mobile baby as a reason to refer.
"""

PROCEDURE = """8.99 Child Safeguarding Practice Reviews

Last reviewed in January 2023. Date of next review: January 2025.

This procedure applies to all agencies. A local child safeguarding practice review takes the place of a serious case
review. The local authority must notify the Panel within five working days of a serious incident, and a rapid review
follows within fifteen working days.

8.99.1 The purpose of a review is learning, not blame. Its recommendations are published.

8.99.2 Where a child has died or suffered serious harm, a strategy discussion must be held.
"""

ACTIONS = [
    ("Recommendation", "Action taken", "Lead", "Status"),
    (
        "Staff should use professional curiosity when a parent's account changes.",
        "Workshops on curiosity were held for 120 staff.",
        "Learning and development officer",
        "Complete",
    ),
    (
        "Schools should be told of domestic abuse incidents before the child arrives.",
        "A single point of contact is being recruited.",
        "Police",
        "In progress",
    ),
    ("Records should show the lived experience of the child.", "Case files were audited.", "Quality team", "Completed"),
]
ACTION_TITLES = ["East Sussex Safeguarding Children Partnership", "Response to the rapid review about Child T"]


def as_html(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    heads = "".join(f"<h1>{title}</h1>" for title in titles)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<html><head><title>x</title></head><body>{heads}<table>{body}</table></body></html>".encode()


def as_word(titles: Sequence[str], rows: Sequence[Sequence[str]], paragraphs: Iterable[str] = ()) -> bytes:
    document = docx.Document()
    for title in titles:
        document.add_heading(title, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(0, len(rows[0])) if rows else None
    for row in rows:
        for cell, text in zip(table.add_row().cells if table else (), row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_pdf(pages: Iterable[Iterable[str]], stream: bytes | None = None) -> bytes:
    """Write the least that is a PDF: a page of lines in Helvetica, or one page with the given raw stream."""
    contents = [stream] if stream else [_drawn(page) for page in pages]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(contents)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for place, content in enumerate(contents):
        resources = "/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R{resources}/Contents {5 + 2 * place} 0 R>>"
        packed = zlib.compress(content, 9)
        objects += [
            page.encode(),
            b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
        ]
    return _assembled(objects)


def _drawn(lines: Iterable[str]) -> bytes:
    moves = ["BT /F 11 Tf 14 TL 50 800 Td"]
    for line in lines:
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        moves.append(f"({escaped}) Tj T*")
    return "\n".join([*moves, "ET"]).encode("windows-1252")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        size,
        len(out),
    )


def read(text: str | bytes, name: str = "review.txt") -> Reading:
    return read_review(SourceFile(name, text.encode() if isinstance(text, str) else text))


def review_of(text: str | bytes, name: str = "review.txt") -> Review:
    return read(text, name).reviews[0].review


def about(review: Review, words: str) -> list[LearningPoint]:
    return [point for point in review.learning if words in point.text]


def kept(reading: Reading) -> set[str]:
    """All the sentences a reading still has: its evidence and what it could not place."""
    return {evidence.sentence for evidence in reading.reviews[0].evidence} | {rest.text for rest in reading.unplaced}


def lost(text: str, reading: Reading) -> str:
    """What of a text is in no sentence that was kept; bullets and spaces aside."""
    covered = [letter.isspace() or letter in "•-–" for letter in text]
    for sentence in kept(reading):
        for found in re.finditer(f"(?={re.escape(sentence)})", text):
            covered[found.start() : found.start() + len(sentence)] = [True] * len(sentence)
    return "".join(letter for letter, is_covered in zip(text, covered, strict=True) if not is_covered)
