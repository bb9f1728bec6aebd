"""The service's answers as JSON: the shapes that scripts outside this project rely on.

The command line prints these (`--json`). `docs/commands.md` describes every field; changing one breaks somebody's
script, so a test holds each shape. Days are ISO dates, instants ISO UTC timestamps.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from index.evaluate import Report
from kb import addresses
from kb.care import Check
from kb.desk import ProposedReview
from kb.imports import Imported
from kb.views import ComparisonView, HistoryView, Learning, ReviewView, SearchView, SectionView, TracedLearning, Update
from procedures.align import ParagraphChange
from procedures.model import Paragraph, Review, Revision

Shape = dict[str, Any]


def search(view: SearchView) -> Shape:
    """Shape the answer to a search."""
    when = addresses.When(None if view.is_today or view.seen else view.on, view.seen)
    return {
        "query": view.query,
        "on": view.on.isoformat(),
        "seen": _iso(view.seen),
        "total": view.total,
        "destinations": [
            {
                "kind": d.kind,
                "key": d.key,
                "number": d.number,
                "title": d.title,
                "url": addresses.result(d.kind, d.key, when, d.pid),
                "why": d.why,
            }
            for d in view.destinations
        ],
        "results": [
            {
                "kind": r.kind,
                "key": r.key,
                "number": r.number,
                "title": r.title,
                "url": addresses.result(r.kind, r.key, when),
                "passages": [
                    {"pid": h.passage.pid, "number": h.passage.number, "text": h.passage.text} for h in r.hits
                ],
            }
            for r in view.results
        ],
        "did_you_mean": view.did_you_mean,
        "expanded": [{"term": e.term, "sense": e.sense} for e in view.expanded],
    }


def section(view: SectionView, pid: str | None = None) -> Shape:
    """Shape a section's text, or one paragraph of it."""
    period = view.period
    return {
        "key": view.key,
        "kind": view.kind,
        "number": view.number,
        "title": view.title,
        "status": view.status,
        "revision": view.revision.revision,
        "in_force_from": _iso(period.start if period else None),
        "in_force_to": _iso(period.until if period else None),
        "published_at": _instant(view.revision),
        "reviewed_on": _iso(view.revision.reviewed_on),
        "review_due": _iso(view.revision.review_due),
        "successor": view.revision.successor,
        "paragraphs": [_paragraph(p) for p in view.paragraphs if pid in (None, p.pid)],
        "learning": [_learning(entry) for entry in view.learning if pid is None or pid in entry.pids],
    }


def review(view: ReviewView) -> Shape:
    """Shape a review in the fields of a section: what a section alone has is null."""
    return {
        "key": view.review.key,
        "kind": "review",
        "number": None,
        "title": view.review.title,
        "status": "published" if view.review.published else "not published",
        "revision": None,
        "in_force_from": None,
        "in_force_to": None,
        "published_at": view.review.published,
        "reviewed_on": None,
        "review_due": None,
        "successor": None,
        "paragraphs": [],
        "learning": [_traced(traced) for traced in view.learning],
    }


def history(view: HistoryView) -> Shape:
    """Shape a section's history, newest revision first."""
    return {
        "key": view.section.key,
        "revisions": [
            {
                "revision": entry.revision.revision,
                "number": entry.revision.number,
                "title": entry.revision.title,
                "kind": entry.revision.kind,
                "in_force_from": entry.revision.in_force_from.isoformat(),
                "published_at": _instant(entry.revision),
                "as_recorded_by_source": entry.revision.as_recorded_by_source,
                "note": entry.revision.change_note,
                "status": entry.status,
            }
            for entry in view.entries
        ],
    }


def comparison(view: ComparisonView) -> Shape:
    """Shape the comparison of two revisions."""
    return {
        "key": view.section.key,
        "from": view.older.revision,
        "to": view.newer.revision,
        "paragraphs": [_change(change) for change in view.paragraphs],
    }


def review_trace(view: ReviewView) -> Shape:
    """Shape what became of a review's learning."""
    return {"review": view.review.key, "learning": [_traced(traced) for traced in view.learning]}


def section_trace(key: str, traced: Sequence[tuple[str, TracedLearning]]) -> Shape:
    """Shape the learning that changed a section, each with its review."""
    return {"section": key, "learning": [{"review": review_key, **_traced(t)} for review_key, t in traced]}


def evaluation(report: Report) -> Shape:
    """Shape an evaluation."""
    return dict(report.as_dict())


def imported(done: Imported) -> Shape:
    """Shape all that came of an import."""
    return {
        "sections": [
            {
                "file": section.file,
                "key": section.key,
                "number": section.number,
                "title": section.title,
                "revision": section.revision,
                "outcome": section.outcome,
                "metadata": dict(section.metadata),
                "paragraphs": [_paragraph(paragraph) for paragraph in section.paragraphs],
            }
            for section in done.sections
        ],
        "reviews": [
            {"file": read.file, **_review(read.review), "evidence": [asdict(each) for each in read.evidence]}
            for read in done.reviews
        ],
        "attachments": [
            {"file": a.file, "filename": a.filename, "media_type": a.media_type, "size": len(a.content)}
            for a in done.attachments
        ],
        "unplaced": [asdict(each) for each in done.unplaced],
        "refused": [asdict(each) for each in done.refused],
    }


def unreviewed(found: Sequence[Update]) -> Shape:
    """Shape the texts published by import that nobody has looked at."""
    return {
        "unreviewed": [
            {
                "key": update.revision.section,
                "revision": update.revision.revision,
                "title": update.revision.title,
                "in_force_from": update.revision.in_force_from.isoformat(),
                "published_at": _instant(update.revision),
            }
            for update in found
        ]
    }


def proposed_reviews(found: Sequence[ProposedReview]) -> Shape:
    """Shape the list of proposed reviews."""
    return {
        "reviews": [
            {
                "key": each.review.key,
                "name": each.review.name,
                "partnership": each.review.partnership,
                "status": each.status,
                "source": each.source,
                "known": list(each.known),
            }
            for each in found
        ]
    }


def proposed_review(found: ProposedReview) -> Shape:
    """Shape a proposed review with its evidence."""
    return {
        **_review(found.review),
        "status": found.status,
        "source": found.source,
        "known": list(found.known),
        "evidence": [asdict(each) for each in found.evidence],
    }


def check(found: Check) -> Shape:
    """Shape a check."""
    return {
        "ok": not found.problems,
        "head": found.head,
        "head_hash": found.head_hash,
        "problems": list(found.problems),
    }


def _review(found: Review) -> Shape:
    return {
        "key": found.key,
        "partnership": found.partnership,
        "name": found.name,
        "area": found.area,
        "kind": found.kind,
        "incident": found.incident,
        "concluded": found.concluded,
        "published": found.published,
        "dates_note": found.dates_note,
        "summary": found.summary,
        "themes": list(found.themes),
        "good_practice": list(found.good_practice),
        "learning": [
            {
                "text": point.text,
                "themes": list(point.themes),
                "action": point.action,
                "status": point.status,
                "evidence": point.evidence,
            }
            for point in found.learning
        ],
    }


def _paragraph(paragraph: Paragraph) -> Shape:
    heading = " > ".join(paragraph.heading)
    return {"pid": paragraph.pid, "number": paragraph.number, "heading": heading, "text": paragraph.text}


def _learning(entry: Learning) -> Shape:
    return {
        "review": entry.review_key,
        "title": entry.review_title,
        "text": entry.point.text,
        "action": entry.point.action,
        "status": entry.point.status,
        "illustrative": entry.illustrative,
        "revision": entry.revision,
        "paragraphs": list(entry.pids),
    }


def _traced(traced: TracedLearning) -> Shape:
    return {
        "text": traced.point.text,
        "themes": list(traced.point.themes),
        "action": traced.point.action,
        "status": traced.point.status,
        "illustrative": any(change.illustrative for change in traced.changes),
        "changes": [
            {
                "section": change.section.key,
                "revision": change.revision,
                "in_force_from": change.in_force_from.isoformat(),
                "paragraphs": [paragraph.pid for paragraph in change.paragraphs],
            }
            for change in traced.changes
        ],
    }


def _change(change: ParagraphChange) -> Shape:
    return {
        "pid": change.pid,
        "change": change.change,
        "from": _side(change.older),
        "to": _side(change.newer),
    }


def _side(paragraph: Paragraph | None) -> Shape | None:
    return {"number": paragraph.number, "text": paragraph.text} if paragraph else None


def _instant(revision: Revision) -> str:
    instant: datetime = revision.published_at
    return instant.isoformat()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
