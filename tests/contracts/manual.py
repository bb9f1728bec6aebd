"""A small manual for the engine contracts, hostile queries, and the ways to ask for what was found."""

from index.engine import Engine, Hit, Ranking
from index.passage import Passage
from index.query import parse


def passage(key: str, text: str, *, title: str = "", heading: str = "", document: str = "") -> Passage:
    """Make a passage; the part of the key before "#" names its revision ("bruising@1#2")."""
    revision = key.partition("#")[0]
    section = document or revision.partition("@")[0]
    return Passage(key, revision, "section", section, title or section.replace("-", " ").title(), heading, text)


MANUAL = [
    passage(
        "bruising@1#1",
        "Any bruise on a baby who cannot crawl must be referred at once, and the baby seen by a paediatrician.",
        title="Bruising in Children who are Not Independently Mobile",
        heading="What to do",
    ),
    passage(
        "bruising@1#2",
        "Do not ask the parents to wait until the next working day.",
        title="Bruising in Children who are Not Independently Mobile",
        heading="What to do",
    ),
    passage(
        "brue@1#1",
        "A brief resolved unexpected event is an episode in which an infant goes blue, floppy or stops breathing.",
        title="Brief Resolved Unexpected Event (BRUE)",
        heading="Meaning",
    ),
    passage(
        "brue@1#2",
        "Take a full history and examine the infant undressed.",
        title="Brief Resolved Unexpected Event (BRUE)",
    ),
    passage("allegations@1#1", "Tell the LADO within one working day of any allegation.", heading="Reporting"),
    passage("allegations@1#2", "Every member of staff holds a position of trust. The employer keeps a record."),
    passage(
        "strategy@1#1",
        "A strategy discussion is held within one working day of the referral.",
        title="Strategy Discussions",
    ),
    passage(
        "strategy@1#2", "Police, health and social care take part in the discussion.", title="Strategy Discussions"
    ),
    passage("neglect@1#1", "A child who was not brought to appointments may be suffering neglect.", title="Neglect"),
    passage("neglect@1#2", "Use the neglect tool with the family and record what is seen at home.", title="Neglect"),
    passage(
        "information@1#1",
        "Consent is not needed to share information when a child is at risk.",
        title="Information Sharing",
    ),
    passage("missing@1#1", "A return interview is offered within 72 hours.", title="Children who Go Missing"),
]
IN_FORCE = frozenset(each.revision for each in MANUAL)

HOSTILE = [
    "",
    " ",
    '"',
    '""',
    '"" ""',
    "-",
    "--",
    '-"',
    '-""',
    "-child",
    '-"a child"',
    "child -child",
    "w*",
    "*",
    "a*b?c",
    "[a TO z]",
    "{a TO z}",
    "title:child",
    "child AND OR NOT",
    "(((((",
    "child~2",
    "child^1000000",
    "\x00",
    "child\x00baby",
    "\ud800",
    "\u202edlihc",
    "е́",
    "İstanbul ß ﬁ ½ ²",
    "8.14.6",
    "....",
    "a" * 100_000,
    "a " * 10_000,
    '"' * 9_999,
    "the and of",
    "children's ''' ’’’",
    "<script>alert(1)</script>",
    "'; DROP TABLE events; --",
    "😀",
]


def hits(ranking: Ranking) -> list[Hit]:
    return [hit for group in ranking.groups for hit in group.hits]


def found(engine: Engine, text: str, revisions: frozenset[str] = IN_FORCE) -> list[str]:
    return [hit.passage.key for hit in hits(engine.search(parse(text), revisions, limit=50, per_group=50))]


def documents(engine: Engine, text: str, revisions: frozenset[str] = IN_FORCE) -> list[str]:
    return [group.document for group in engine.search(parse(text), revisions, limit=50).groups]
