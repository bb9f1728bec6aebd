"""Six people of mixed roles work on three sections in any order at all, and after every step the rules hold.

Nothing is published without the approval of somebody who did not help to write it, unless it is listed as published
urgently; no save is lost; the log's chain is whole; and no word of a draft is on anything the public can read.
"""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from kb.access import Actor, Role
from kb.beginnings import Beginning, Correction, NewSection, OldText, TextInForce
from kb.drafting import Content, Overtaken, State
from kb.service import KnowledgeBase
from kb.settings import Settings
from procedures.blocks import add, delete, paragraph
from procedures.errors import Mendable
from procedures.model import RevisionKind
from procedures.publication import Proposal
from tests.conftest import SetClock

KEYS = ("one", "two", "three")
PEOPLE = (
    Actor("Ann", frozenset({Role.AUTHOR})),
    Actor("Ben", frozenset({Role.AUTHOR})),
    Actor("Carol", frozenset({Role.APPROVER})),
    Actor("Dave", frozenset({Role.APPROVER, Role.AUTHOR})),
    Actor("Erin", frozenset({Role.APPROVER, Role.AUTHOR, Role.ADMINISTRATOR})),
    Actor("Audrey", frozenset({Role.AUDITOR})),
)
people = st.sampled_from(PEOPLE)
authors = st.sampled_from([*(actor for actor in PEOPLE if Role.AUTHOR in actor.roles)] * 3 + [*PEOPLE])
approvers = st.sampled_from([*(actor for actor in PEOPLE if Role.APPROVER in actor.roles)] * 3 + [*PEOPLE])


class Editors(RuleBasedStateMachine):
    """What editors can do, and what must be so whatever they do."""

    drafts = Bundle("drafts")

    @initialize()
    def a_manual(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = SetClock()
        self.kb = KnowledgeBase.open(Settings(data=self.folder), self.clock, create=True)
        for place, key in enumerate(KEYS, start=1):
            self.kb.publish(
                PEOPLE[2],
                Proposal(
                    section=key,
                    title=f"Title {key}",
                    number=f"8.{place}",
                    body="<h2>Do</h2><div>First.</div><div>Second.</div>",
                    change_note="First issue.",
                    in_force_from=self.kb.today(),
                    author="Author",
                    approver="Approver",
                ),
            )
        self.first = {(key, 1) for key in KEYS}
        self.saved: dict[str, tuple[int, Content]] = {}
        self.secrets: dict[str, set[str]] = {}
        self.public: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "kb"):
            assert self.kb.check().problems == ()
            self.kb.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def secret(self, draft_id: str) -> str:
        """Make up a word that only this draft has."""
        self.count += 1
        word = f"qzx{self.count}wv"
        self.secrets.setdefault(draft_id, set()).add(word)
        return word

    def publish(self, *draft_ids: str) -> None:
        """Count what a draft says as public from now on."""
        for draft_id in draft_ids:
            said = repr(self.kb.workspace.draft(PEOPLE[5], draft_id).draft.content)
            self.public |= {word for word in self.secrets.get(draft_id, ()) if word in said}

    @rule(target=drafts, who=authors, key=st.sampled_from(KEYS), kind=st.sampled_from(["text", "old", "fix", "new"]))
    def start(self, who: Actor, key: str, kind: str) -> object:
        beginnings: dict[str, Beginning] = {
            "text": TextInForce(key),
            "old": OldText(key, 1),
            "fix": Correction(key),
            "new": NewSection(f"New {self.count}", f"9.{self.count + 1}"),
        }
        try:
            draft = self.kb.workspace.start(who, beginnings[kind])
        except Mendable:
            return multiple()
        self.saved[draft.id] = (draft.version, draft.content)
        self.save(draft.id, who, 1, False, "+")
        return draft.id

    @rule(draft_id=drafts, who=authors, place=st.integers(0, 3), stale=st.booleans(), how=st.sampled_from("+-="))
    def save(self, draft_id: str, who: Actor, place: int, stale: bool, how: str) -> None:
        version, content = self.saved[draft_id]
        blocks, word = content.blocks, self.secret(draft_id)
        place = min(place, len(blocks))
        if how == "-" and place < len(blocks):
            blocks = delete(blocks, place)
        elif how == "+":
            blocks = add(blocks, place, paragraph(f"You must {word} within 3 days."))
        title = f"{content.title.split(' qzx', maxsplit=1)[0]} {word}"
        changed = replace(content, blocks=blocks, title=title, change_note=f"Note {word}.")
        refusal: Mendable | None = None
        try:
            draft = self.kb.workspace.save(who, draft_id, changed, version - stale)
        except Mendable as error:
            refusal = error
        if refusal is None:
            assert not stale
            assert Role.AUTHOR in who.roles
            assert draft.state is State.DRAFT
            self.saved[draft_id] = (draft.version, changed)
        elif isinstance(refusal, Overtaken):
            assert stale
            assert (refusal.theirs, refusal.yours) == (content, changed)
        else:
            assert word not in str(refusal)

    @rule(draft_id=drafts, who=authors, days=st.integers(0, 5))
    def choose_a_day(self, draft_id: str, who: Actor, days: int) -> None:
        version, content = self.saved[draft_id]
        changed = replace(content, in_force_from=self.kb.today() + timedelta(days=days) if days else None)
        with suppress(Mendable):
            self.saved[draft_id] = (self.kb.workspace.save(who, draft_id, changed, version).version, changed)

    @rule(draft_id=drafts, who=authors)
    def submit(self, draft_id: str, who: Actor) -> None:
        with suppress(Mendable):
            self.kb.workspace.submit(who, draft_id)

    @rule(draft_id=drafts, who=approvers, writer=authors, released=st.booleans())
    def submit_and_approve(self, draft_id: str, who: Actor, writer: Actor, released: bool) -> None:
        with suppress(Mendable):
            self.kb.workspace.approve(who, draft_id, self.kb.workspace.submit(writer, draft_id))
            if released:
                self.release(draft_id, draft_id, who)

    @rule(target=drafts, key=st.sampled_from(KEYS), days=st.integers(1, 5), writer=authors, who=approvers)
    def let_a_text_wait(self, key: str, days: int, writer: Actor, who: Actor) -> object:
        draft_id = self.start(writer, key, "text")
        if isinstance(draft_id, str):
            self.choose_a_day(draft_id, writer, days)
            self.submit_and_approve(draft_id, who, writer, True)
            return draft_id
        return multiple()

    @rule(draft_id=drafts, who=approvers, what=st.sampled_from(["take back", "reject", "withdraw", "approve"]))
    def step(self, draft_id: str, who: Actor, what: str) -> None:
        work = self.kb.workspace
        with suppress(Mendable):
            if what == "take back":
                work.take_back(who, draft_id)
            elif what == "reject":
                work.reject(who, draft_id, "Not yet.")
            elif what == "withdraw":
                work.withdraw(who, draft_id, "Not needed.")
            else:
                work.approve(who, draft_id, work.draft(who, draft_id).seal or "")

    @rule(draft_id=drafts, other=drafts, who=approvers)
    def release(self, draft_id: str, other: str, who: Actor) -> None:
        before = self.kb.head()
        try:
            self.kb.workspace.release(who, [draft_id, other])
        except Mendable:
            assert self.kb.head() == before, "all or none"
        else:
            self.publish(draft_id, other)

    @rule(draft_id=drafts, who=approvers)
    def override(self, draft_id: str, who: Actor) -> None:
        with suppress(Mendable):
            self.kb.workspace.override(who, draft_id, "It cannot wait.")
            self.publish(draft_id)

    @rule(who=people)
    def review_overrides(self, who: Actor) -> None:
        for override in self.kb.workspace.overrides(PEOPLE[5]):
            with suppress(Mendable):
                self.kb.workspace.review_override(who, override.section, override.revision)

    @rule(target=drafts, draft_id=drafts, who=approvers)
    def carry(self, draft_id: str, who: Actor) -> object:
        try:
            carried = self.kb.workspace.carry(who, draft_id, "An urgent change comes first.")
        except Mendable:
            return multiple()
        self.publish(draft_id)
        self.saved[carried.draft.id] = (carried.draft.version, carried.draft.content)
        return carried.draft.id

    @rule(draft_id=drafts, who=authors)
    def renew(self, draft_id: str, who: Actor) -> None:
        with suppress(Mendable):
            draft, _ = self.kb.workspace.renew(who, draft_id)
            self.saved[draft_id] = (draft.version, draft.content)

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.clock.forward(hours=hours)

    @invariant()
    def nothing_is_published_without_four_eyes_unless_it_is_listed(self) -> None:
        if not hasattr(self, "kb"):
            return
        listed = {(each.section, each.revision) for each in self.kb.workspace.overrides(PEOPLE[5])}
        for update in self.kb.updates(limit=None):
            revision = update.revision
            which = (revision.section, revision.revision)
            if which in self.first:
                continue
            if revision.approver is None:
                assert which in listed
            else:
                assert revision.approver not in revision.author.split(", ")
                roles = next(actor.roles for actor in PEOPLE if actor.name == revision.approver)
                assert Role.APPROVER in roles
            assert revision.kind is not RevisionKind.WITHDRAWAL

    @invariant()
    def no_save_is_lost(self) -> None:
        for draft_id, (version, content) in getattr(self, "saved", {}).items():
            draft = self.kb.workspace.draft(PEOPLE[5], draft_id).draft
            assert (draft.version, draft.content) == (version, content)

    @invariant()
    def what_is_approved_has_an_approval_by_somebody_else(self) -> None:
        if not hasattr(self, "kb"):
            return
        for line in self.kb.workspace.drafts(PEOPLE[5]):
            assert (line.state is State.APPROVED) <= (line.approved_by is not None)
            assert line.approved_by not in line.contributors

    @invariant()
    def no_word_of_a_draft_is_public(self) -> None:
        if not hasattr(self, "kb"):
            return
        kb = self.kb
        shown: list[object] = [
            kb.contents(),
            kb.updates(limit=None),
            kb.glossary(),
            kb.themes(),
            kb.contacts_now(),
            kb.reviews(),
        ]
        keys = {name.key for part in kb.contents() for name in part.sections} | set(KEYS)
        for key in keys:
            shown += [kb.section(key), kb.history(key), kb.neighbours(kb.section(key))]
        shown += [kb.suggest("qzx"), kb.search("qzx").did_you_mean, kb.since(kb.today())]
        words = repr(shown)
        hidden = {word for found in self.secrets.values() for word in found} - self.public
        assert {word for word in hidden if word in words} == set()
        for word in sorted(hidden)[-2:]:
            found = kb.search(word)
            assert (found.total, found.destinations, found.results, found.did_you_mean) == (0, (), (), None) or (
                found.did_you_mean not in hidden and word not in repr(found.results)
            )

    @invariant()
    def the_record_is_whole(self) -> None:
        if hasattr(self, "kb"):
            assert self.kb._store.verify() == []


TestEditors = Editors.TestCase
TestEditors.settings = settings(
    max_examples=8,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
