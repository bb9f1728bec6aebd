"""The tables of the record, as they are after the newest migration.

A test compares this with what the migrations make, so the two cannot drift apart. Days are ISO dates and instants ISO
UTC timestamps, both as text: portable, sortable and readable in any tool.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

LARGEST_ID = 2**63 - 1
"""The largest number a row can have. An address may name a larger one, which no query takes."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("hash_before", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

sections = Table(
    "sections",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
)

bodies = Table(
    "bodies",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("html", Text, nullable=True),
)

redactions = Table(
    "redactions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("body_hash", Text, ForeignKey("bodies.hash")),
    Column("left_hash", Text),
    Column("file_hash", Text, ForeignKey("files.hash")),
    Column("reason", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
    CheckConstraint("lower(requested_by) <> lower(approved_by)", name="two_people"),
    CheckConstraint("(body_hash IS NULL) <> (file_hash IS NULL)", name="one_thing"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("section", Text, ForeignKey("sections.key"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("title", Text, nullable=False),
    Column("body_hash", Text, ForeignKey("bodies.hash"), nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("change_note", Text, nullable=False),
    Column("importance", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("approver", Text),
    Column("based_on", Integer),
    Column("in_force_from", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("as_recorded_by_source", Integer, nullable=False),
    Column("reviewed_on", Text),
    Column("review_due", Text),
    Column("agencies", Text, nullable=False),
    Column("themes", Text, nullable=False),
    Column("withdrawal_reason", Text),
    Column("successor", Text),
    Column("contact", Text),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
    UniqueConstraint("section", "revision"),
)

cancellations = Table(
    "cancellations",
    metadata,
    Column("revision_id", Integer, ForeignKey("revisions.id"), primary_key=True),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

paragraphs = Table(
    "paragraphs",
    metadata,
    Column("pid", Text, primary_key=True),
    Column("section", Text, ForeignKey("sections.key"), nullable=False),
    Column("first_revision", Integer, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    Column("revision_id", Integer, ForeignKey("revisions.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("pid", Text, ForeignKey("paragraphs.pid"), nullable=False),
    Column("how", Text, nullable=False),
    Column("likeness", Text, nullable=False),
    UniqueConstraint("revision_id", "pid"),
    Index("ix_placements_pid", "pid"),
)

references = Table(
    "references",
    metadata,
    Column("revision_id", Integer, ForeignKey("revisions.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("pid", Text),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
)

number_aliases = Table(
    "number_aliases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Text, nullable=False),
    Column("section", Text, ForeignKey("sections.key"), nullable=False),
    Column("pid", Text, ForeignKey("paragraphs.pid")),
    Column("used_from", Text),
    Column("used_until", Text),
    Column("note", Text, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

redirects = Table(
    "redirects",
    metadata,
    Column("old_key", Text, primary_key=True),
    Column("section", Text, ForeignKey("sections.key"), nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("key", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

learning_points = Table(
    "learning_points",
    metadata,
    Column("review", Text, ForeignKey("reviews.key"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("themes", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("evidence", Text, nullable=False),
)

learning_links = Table(
    "learning_links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("review", Text, ForeignKey("reviews.key"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("revision_id", Integer, ForeignKey("revisions.id"), nullable=False),
    Column("pid", Text, ForeignKey("paragraphs.pid")),
    Column("illustrative", Integer, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
    Index("ix_learning_links_review", "review", "ordinal"),
)

terms = Table(
    "terms",
    metadata,
    Column("key", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("section", Text, ForeignKey("sections.key")),
    Column("text", Text, nullable=False),
    Column("start", Text, nullable=False),
    Column("until", Text),
    Column("seq", Integer, ForeignKey("events.seq"), nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("section", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("source", Text),
    Column("saved_at", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("state", Text, nullable=False, server_default="draft"),
    Index("ix_drafts_section", "section"),
    CheckConstraint("state IN ('draft', 'in review', 'approved', 'published', 'withdrawn')", name="state"),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft", Text, ForeignKey("drafts.id"), nullable=False),
    Column("version", Integer),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index("ix_draft_versions_draft", "draft"),
    Index("ix_draft_versions_at", "at"),
    sqlite_autoincrement=True,
)

draft_contributors = Table(
    "draft_contributors",
    metadata,
    Column("draft", Text, ForeignKey("drafts.id"), primary_key=True),
    Column("folded", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("since", Text, nullable=False),
)

draft_approvals = Table(
    "draft_approvals",
    metadata,
    Column("draft", Text, ForeignKey("drafts.id"), primary_key=True),
    Column("folded", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("at", Text, nullable=False),
)

review_proposals = Table(
    "review_proposals",
    metadata,
    Column("key", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("saved_at", Text, nullable=False),
    CheckConstraint("status IN ('proposed', 'accepted', 'rejected')", name="status"),
)

files = Table(
    "files",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("revision_id", Integer, ForeignKey("revisions.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("file", Text, ForeignKey("files.hash"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("text_equivalent", Text, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("section", Text, ForeignKey("sections.key"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("pid", Text),
    Column("useful", Integer, nullable=False),
    Column("reason", Text),
    Column("words", Text, nullable=False),
    Column("dealt_with_by", Text),
    Column("dealt_with_on", Text),
    Index("ix_feedback_at", "at"),
)

unanswered_searches = Table(
    "unanswered_searches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("words", Text, nullable=False, unique=True),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
    Column("not_found", Integer, nullable=False),
    Column("not_opened", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_on", Text),
    Column("section", Text, ForeignKey("sections.key")),
    Column("place_before", Integer),
    Column("place_after", Integer),
    CheckConstraint("state IN ('open', 'term', 'best answer', 'gap', 'out of scope')", name="state"),
    sqlite_autoincrement=True,
)

search_tallies = Table(
    "search_tallies",
    metadata,
    Column("day", Text, primary_key=True),
    Column("words", Text, primary_key=True),
    Column("not_found", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("opened", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("password_until", Text),
    Column("roles", Text, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("sample", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("last_sign_in", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("account", Integer, ForeignKey("accounts.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("started", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("network", Text, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("network", Text, nullable=False),
    Index("ix_sign_in_attempts_who", "who"),
    Index("ix_sign_in_attempts_network", "network"),
)

redaction_requests = Table(
    "redaction_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("at", Text, nullable=False),
)
