"""From the record to the index: which passages there are, and keeping the index level with the log.

`kb.level` calls `catch_up` after every write and where a search finds the index behind, and `rebuild` when the index is
damaged. The index is a disposable copy: nothing here can lose anything.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from index.engine import Engine, IndexFault
from index.passage import WORDING, Manner, Naming, Passage, Standing
from procedures.markup import TOMBSTONE
from procedures.model import (
    EVERYDAY,
    POINTER_HEADINGS,
    URGENT_HEADING,
    Paragraph,
    Review,
    Revision,
    RevisionKind,
    SectionKind,
    Term,
)
from procedures.record import Record
from procedures.signposts import signposts
from procedures.store import Store


def catch_up(store: Store, engine: Engine) -> bool:
    """Bring the index level with the log, looking again before leaving; say whether it had to be rebuilt.

    Any fault of the index, and an index that is ahead of the log (after a restore), is answered by a rebuild.
    Raises `IndexFault` only where that fails too.
    """
    rebuilt = False
    try:
        while (position := engine.position()) != (head := store.head()[0]):
            if position > head or position == 0:
                rebuild(store, engine)
                rebuilt = True
            elif any(event.action == "redact" for event in store.events(position)):
                # Passages are only ever added. Twice, because a rebuild leaves the index before it on the disk.
                rebuild(store, engine)
                rebuild(store, engine)
            else:
                engine.apply(_passages_since(store, position, head), head)
    except IndexFault:
        rebuild(store, engine)
        rebuilt = True
    return rebuilt


def rebuild(store: Store, engine: Engine) -> int:
    """Fill a new index from the record and return how many passages it has. Raises `IndexFault`."""
    record = store.record()
    passages = list(all_passages(store, record))
    engine.rebuild(passages, record.head)
    return len(passages)


def lacks_text(store: Store, engine: Engine, on: date, known_at: datetime) -> bool:
    """Say whether an index that is level with the log lacks a text in force: it was made from another history."""
    record = store.record()
    keys = engine.keys()
    held = keys | {key.rpartition("#")[0] for key in keys}
    return any(
        revision_name(record, revision) not in held and any(revision_passages(store, record, revision))
        for revision in record.in_force(on, known_at).values()
    )


def all_passages(store: Store, record: Record) -> Iterator[Passage]:
    """List the passages of every revision, review and term there is."""
    for revisions in record.revisions.values():
        for revision in revisions:
            yield from revision_passages(store, record, revision)
    for review in record.reviews.values():
        yield from review_passages(review)
    for term in record.terms.values():
        yield from term_passages(term)


def searched(record: Record, on: date, known_at: datetime, with_reviews: bool) -> frozenset[str]:
    """Name the revisions a search on a day may see, as known at an instant."""
    question = ("searched", on, record.settled(known_at), with_reviews)
    return record.once(question, lambda: _searched(record, on, known_at, with_reviews))


def _searched(record: Record, on: date, known_at: datetime, with_reviews: bool) -> frozenset[str]:
    in_force = record.in_force(on, known_at).values()
    names = {revision_name(record, revision) for revision in in_force if revision.body_hash not in record.redactions}
    if with_reviews:
        names |= {review_name(review) for review in record.reviews.values()}
        names |= {term_name(term) for term in record.terms.values()}
    return frozenset(names)


def revision_name(record: Record, revision: Revision) -> str:
    """Name a revision for the index, bound to its content and what a redaction has left of it.

    So a name never means another text, after a restore, nor what was removed, even while the index still has it.
    """
    left = record.left.get(revision.body_hash, "")
    return f"{revision.ref}#{revision.content_hash[:12]}{left[:12]}"


def review_name(review: Review) -> str:
    """Name a review as it stands for the index."""
    words = [
        review.title,
        review.summary,
        *review.good_practice,
        *(f"{p.action} {p.text} {p.evidence}" for p in review.learning),
    ]
    return f"review:{review.key}#{_digest(*words, *review.themes)}"


def term_name(term: Term) -> str:
    """Name a term as it stands for the index."""
    senses = ("\0".join((s.meaning, s.section or "", *s.expands_to)) for s in term.senses)
    return f"term:{term.key}#{_digest(term.term, term.kind, term.definition, *term.also, '', *senses)}"


def revision_passages(store: Store, record: Record, revision: Revision) -> Iterator[Passage]:
    """Make the passages of one revision: a paragraph each, or a whole contact in one. What was redacted makes none."""
    if revision.kind is RevisionKind.WITHDRAWAL:
        return
    name = revision_name(record, revision)
    found = [paragraph for paragraph in store.paragraphs(revision) if paragraph.text != TOMBSTONE]
    if record.kinds[revision.section] is SectionKind.CONTACT:
        yield _contact_passage(revision, name, found)
        return
    for paragraph in found:
        yield Passage(
            key=f"{name}#{paragraph.pid}",
            revision=name,
            kind="section",
            document=revision.section,
            title=revision.title,
            heading=" > ".join(paragraph.heading),
            text=paragraph.text,
            pid=paragraph.pid,
            number=paragraph.number,
            section_number=revision.number,
            part=revision.part,
            area=paragraph.area,
            agencies=revision.agencies,
            themes=revision.themes,
            place=paragraph.ordinal,
            standing=_standing(paragraph),
            namings=tuple(
                Naming(key, Manner.SIGNPOST, line) for key, line in signposts(paragraph) if key != revision.section
            ),
        )


def review_passages(review: Review) -> Iterator[Passage]:
    """Make the passages of a review: what happened, what was done well, and each piece of learning."""
    texts = [("What happened", review.summary, review.themes)]
    texts += [("Good practice", text, ()) for text in review.good_practice]
    texts += [("Learning", f"{point.text} {point.evidence}".strip(), point.themes) for point in review.learning]
    name = review_name(review)
    for place, (heading, text, themes) in enumerate(texts):
        yield Passage(
            key=f"{name}#{place}",
            revision=name,
            kind="review",
            document=review.key,
            title=review.title,
            heading=heading,
            text=text,
            area=review.area,
            themes=themes,
            place=place,
        )


def term_passages(term: Term) -> Iterator[Passage]:
    """Make the passage of a term, with its words for the sections it is about. Everyday words only lead there."""
    name = term_name(term)
    meanings = "; ".join(sense.meaning for sense in term.senses)
    text = ". ".join(words.rstrip(".") for words in (meanings, term.definition) if words)
    only_leads = term.kind == EVERYDAY and any(sense.section for sense in term.senses)
    yield Passage(
        key=name,
        revision=name,
        kind=WORDING if only_leads else "term",
        document=term.key,
        title=term.term,
        heading="",
        text="; ".join(term.also) if only_leads else text,
        namings=tuple(dict.fromkeys(_namings(term))),
    )


def _namings(term: Term) -> Iterator[Naming]:
    """List the words a term has for the sections it is about: an ambiguous one has other words for each."""
    for sense in term.senses:
        if sense.section:
            for words in (term.term, *term.also, *sense.expands_to):
                yield Naming(sense.section, Manner.NAME, words)
            for words in filter(None, (sense.meaning, term.definition)):
                yield Naming(sense.section, Manner.MEANING, words)


def _passages_since(store: Store, position: int, head: int) -> Iterator[Passage]:
    record = store.record()
    for event in store.events(position):
        if event.seq > head:
            # Somebody has published since: the next look takes it, with a position that says so.
            return
        if event.action in {"publish", "import", "withdraw"}:
            revision = record.revision(event.subject, event.payload["revision"])
            yield from revision_passages(store, record, revision)
        elif event.action in {"review", "decide learning"}:
            yield from review_passages(record.reviews[event.subject])
        elif event.action == "term":
            yield from term_passages(record.terms[event.subject])


def _standing(paragraph: Paragraph) -> Standing:
    heading = paragraph.heading[0] if paragraph.heading else ""
    if heading == URGENT_HEADING:
        return Standing.ACT_NOW
    return Standing.POINTER if heading in POINTER_HEADINGS else Standing.GUIDANCE


def _contact_passage(revision: Revision, name: str, found: Sequence[Paragraph]) -> Passage:
    details = revision.contact
    words = [paragraph.text for paragraph in found]
    if details:
        words.append(f"Telephone number {details.telephone}. Open {details.opening_hours}.")
    return Passage(
        key=name,
        revision=name,
        kind="contact",
        document=revision.section,
        title=revision.title,
        heading=" ".join(filter(None, (details.area, details.role))) if details else "",
        text="\n".join(words),
        area=details.area if details else None,
    )


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
