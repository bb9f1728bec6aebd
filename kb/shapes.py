"""What readers ask for, as JSON: the views of the service in the fields of `contract`.

The command line (`--json`) and the API call it. Nothing here decides anything: each function says which fact of a view
goes into which field.
"""

from collections.abc import Sequence
from datetime import date

from kb import addresses, contract
from kb.addresses import TODAY, When
from kb.views import (
    ComparisonView,
    ContactNow,
    Destination,
    GlossaryEntry,
    HistoryView,
    Learning,
    NumberView,
    ParagraphView,
    PartView,
    Result,
    ReviewView,
    SearchView,
    SectionName,
    SectionView,
    ThemeView,
    TracedLearning,
    Update,
)
from procedures.align import ParagraphChange
from procedures.model import Paragraph, Review, Revision


def search(view: SearchView) -> contract.Search:
    """Shape the answer to a search."""
    when = When(None if view.is_today or view.seen else view.on, view.seen)
    return {
        "query": view.query,
        "on": view.on.isoformat(),
        "seen": _iso(view.seen),
        "total": view.total,
        "destinations": [_destination(each, when) for each in view.destinations],
        "results": [_result(each, when) for each in view.results],
        "did_you_mean": view.did_you_mean,
        "expanded": [{"term": e.term, "sense": e.sense} for e in view.expanded],
    }


def narrowed_search(view: SearchView) -> contract.NarrowedSearch:
    """Shape the answer to a search, with what it can be narrowed by."""
    return {
        **search(view),
        "act_now": [
            {
                "key": each.section.key,
                "title": each.section.title,
                "lines": [{"pid": pid, "number": number, "text": text} for pid, number, text in each.lines],
            }
            for each in view.act_now
        ],
        "order": view.order,
        "facets": [
            {
                "facet": found.facet,
                "choices": [{"value": c.value, "count": c.results, "chosen": c.chosen} for c in found.choices],
            }
            for found in view.facets
        ],
        "not_used": [{"facet": choice.facet, "value": choice.value} for choice in view.ignored],
    }


def section(view: SectionView, pid: str | None = None) -> contract.Section:
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
        "published_at": instant(view.revision),
        "reviewed_on": _iso(view.revision.reviewed_on),
        "review_due": _iso(view.revision.review_due),
        "successor": view.revision.successor,
        "paragraphs": [paragraph(p) for p in view.paragraphs if pid in (None, p.pid)],
        "learning": [_learning(entry) for entry in view.learning if pid is None or pid in entry.pids],
    }


def review(view: ReviewView) -> contract.Section:
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


def history(view: HistoryView) -> contract.History:
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
                "published_at": instant(entry.revision),
                "as_recorded_by_source": entry.revision.as_recorded_by_source,
                "note": entry.revision.change_note,
                "status": entry.status,
            }
            for entry in view.entries
        ],
    }


def comparison(view: ComparisonView) -> contract.Comparison:
    """Shape the comparison of two revisions."""
    return {
        "key": view.section.key,
        "from": view.older.revision,
        "to": view.newer.revision,
        "paragraphs": [_change(change) for change in view.paragraphs],
    }


def review_trace(view: ReviewView) -> contract.ReviewTrace:
    """Shape what became of a review's learning."""
    return {"review": view.review.key, "learning": [_traced(traced) for traced in view.learning]}


def section_trace(key: str, traced: Sequence[tuple[str, TracedLearning]]) -> contract.SectionTrace:
    """Shape the learning that changed a section, each with its review."""
    return {"section": key, "learning": [{"review": review_key, **_traced(t)} for review_key, t in traced]}


def part(view: PartView, when: When) -> contract.Part:
    """Shape a part of the contents on a day."""
    return {"number": view.number, "title": view.title, "sections": [_place(name, when) for name in view.sections]}


def paragraph_now(view: ParagraphView) -> contract.ParagraphNow:
    """Shape where a paragraph stands."""
    return {
        "paragraph": paragraph(view.paragraph),
        "section": _place(view.section),
        "revision": view.revision,
        "current": view.current,
        "last_in_force": _iso(view.last_in_force),
        "status": view.status,
    }


def number(view: NumberView, when: When) -> contract.Number:
    """Shape what carries a number."""
    return {
        "number": view.number,
        "on": view.on.isoformat(),
        "section": _place(view.section, when),
        "pid": view.pid,
        "note": view.note,
    }


def review_summary(found: Review) -> contract.ReviewSummary:
    """Shape a review in a list."""
    return {
        "key": found.key,
        "title": found.title,
        "name": found.name,
        "partnership": found.partnership,
        "area": found.area,
        "kind": found.kind,
        "incident": found.incident,
        "concluded": found.concluded,
        "published": found.published,
        "themes": list(found.themes),
        "url": addresses.review(found.key),
    }


def whole_review(view: ReviewView) -> contract.Review:
    """Shape a review with its trace."""
    found = view.review
    return {
        **review_summary(found),
        "dates_note": found.dates_note,
        "summary": found.summary,
        "good_practice": list(found.good_practice),
        "source": found.source,
        "learning": [_traced(traced) for traced in view.learning],
    }


def theme(view: ThemeView) -> contract.Theme:
    """Shape a theme."""
    return {
        "key": view.key,
        "title": view.title,
        "url": addresses.theme(view.title),
        "sections": [_place(name) for name in view.sections],
        "reviews": [review_summary(themed.review) for themed in view.reviews],
    }


def update(found: Update) -> contract.Update:
    """Shape one publication."""
    return {
        "section": _place(found.section),
        "revision": found.revision.revision,
        "title": found.revision.title,
        "importance": found.revision.importance,
        "status": found.status,
        "in_force_from": found.revision.in_force_from.isoformat(),
        "published_at": instant(found.revision),
        "note": found.revision.change_note,
        "answers": [{"key": r.key, "title": r.title, "illustrative": r.illustrative} for r in found.answers],
    }


def term(entry: GlossaryEntry) -> contract.Term:
    """Shape an entry of the glossary."""
    return {
        "key": entry.term.key,
        "term": entry.term.term,
        "kind": entry.term.kind,
        "also": list(entry.term.also),
        "definition": entry.term.definition,
        "senses": [{"meaning": sense.meaning, "section": sense.section} for sense in entry.term.senses],
        "sections": [_place(name) for name in entry.sections],
    }


def contact(found: ContactNow) -> contract.Contact:
    """Shape a contact as it stands at this moment."""
    return {
        "key": found.key,
        "title": found.title,
        "area": found.area,
        "role": found.role,
        "telephone": found.telephone,
        "example": found.example,
        "opening_hours": found.opening_hours,
        "is_open": found.is_open,
        "changes_at": found.changes_at.isoformat() if found.changes_at else None,
        "instead": found.instead.key if found.instead else None,
        "url": addresses.section(found.key),
    }


def paragraph(found: Paragraph) -> contract.Paragraph:
    """Shape a numbered paragraph."""
    return {"pid": found.pid, "number": found.number, "heading": " > ".join(found.heading), "text": found.text}


def instant(revision: Revision) -> str:
    """Write when readers could see a revision."""
    return revision.published_at.isoformat()


def _place(name: SectionName, when: When = TODAY) -> contract.Place:
    return {
        "key": name.key,
        "number": name.number,
        "title": name.title,
        "url": addresses.section(name.key, when),
    }


def _destination(found: Destination, when: When) -> contract.Destination:
    return {
        "kind": found.kind,
        "key": found.key,
        "number": found.number,
        "title": found.title,
        "url": addresses.result(found.kind, found.key, when, found.pid),
        "why": found.why,
    }


def _result(found: Result, when: When) -> contract.Result:
    return {
        "kind": found.kind,
        "key": found.key,
        "number": found.number,
        "title": found.title,
        "url": addresses.result(found.kind, found.key, when),
        "passages": [
            {"pid": hit.passage.pid, "number": hit.passage.number, "text": hit.passage.text} for hit in found.hits
        ],
    }


def _learning(entry: Learning) -> contract.Learning:
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


def _traced(traced: TracedLearning) -> contract.Traced:
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
                "paragraphs": [each.pid for each in change.paragraphs],
            }
            for change in traced.changes
        ],
    }


def _change(change: ParagraphChange) -> contract.ParagraphChange:
    return {
        "pid": change.pid,
        "change": change.change.value,
        "from": _side(change.older),
        "to": _side(change.newer),
    }


def _side(found: Paragraph | None) -> contract.Side | None:
    return {"number": found.number, "text": found.text} if found else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
