"""The answers for editors and carers as JSON: imports, proposed reviews, readers' words, checks and evaluations.

The command line prints these (`--json`). `docs/commands.md` describes every field; changing one breaks somebody's
script, so a test holds each shape.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.evaluate import Report
from kb.care import Check
from kb.desk import ProposedReview
from kb.feedback import Feedback
from kb.imports import Imported
from kb.shapes import instant, paragraph
from kb.unanswered import Unanswered
from kb.views import Update
from procedures.model import Review

Shape = dict[str, Any]


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
                "paragraphs": [paragraph(each) for each in section.paragraphs],
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
                "published_at": instant(update.revision),
            }
            for update in found
        ]
    }


def feedback(found: Sequence[Feedback]) -> Shape:
    """Shape what readers have said about pages."""
    return {
        "feedback": [
            {
                "day": each.day.isoformat(),
                "section": each.opinion.section,
                "revision": each.opinion.revision,
                "pid": each.opinion.pid,
                "useful": each.opinion.useful,
                "reason": each.opinion.reason,
                "words": each.opinion.words,
            }
            for each in found
        ]
    }


def searches(found: Sequence[Unanswered]) -> Shape:
    """Shape the searches that led nowhere."""
    return {"searches": [_search(each) for each in found]}


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


def _search(found: Unanswered) -> Shape:
    decision = found.decision
    return {
        "words": found.words,
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "not_found": found.not_found,
        "not_opened": found.not_opened,
        "state": found.state,
        "decided_by": decision.by if decision else None,
        "decided_on": decision.on.isoformat() if decision else None,
        "section": decision.section if decision else None,
        "place_before": decision.before if decision else None,
        "place_after": decision.after if decision else None,
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
