"""The record: sections, revisions, reviews, terms and the event log, with the triggers that keep them as written.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WRITTEN_ONCE = (
    "events",
    "revisions",
    "cancellations",
    "redactions",
    "paragraphs",
    "placements",
    "references",
    "sections",
    "files",
    "attachments",
)


def upgrade() -> None:
    """Make the tables, then guard them."""
    _make_tables()
    for table in WRITTEN_ONCE:
        for verb in ("update", "delete"):
            op.execute(
                f'CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb.upper()} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are written once'); END"
            )
    op.execute(
        "CREATE TRIGGER events_follow_on BEFORE INSERT ON events "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events) "
        "BEGIN SELECT RAISE(ABORT, 'events: seq must follow on'); END"
    )
    op.execute(
        "CREATE TRIGGER bodies_refuse_delete BEFORE DELETE ON bodies "
        "BEGIN SELECT RAISE(ABORT, 'bodies: rows are never deleted'); END"
    )
    op.execute(
        "CREATE TRIGGER bodies_only_redact BEFORE UPDATE ON bodies "
        "WHEN NEW.hash <> OLD.hash OR NEW.html IS NOT NULL "
        "OR NOT EXISTS (SELECT 1 FROM redactions WHERE body_hash = OLD.hash) "
        "BEGIN SELECT RAISE(ABORT, 'bodies: text is only ever replaced by a recorded redaction'); END"
    )


def _make_tables() -> None:

    op.create_table(
        "bodies",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_bodies")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("hash_before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("hash", name=op.f("uq_events_hash")),
    )
    op.create_table(
        "files",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_files")),
    )
    op.create_table(
        "sections",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sections")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_notices_section")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_notices_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_table(
        "paragraphs",
        sa.Column("pid", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("first_revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_paragraphs_section")),
        sa.PrimaryKeyConstraint("pid", name=op.f("pk_paragraphs")),
    )
    op.create_table(
        "redactions",
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("requested_by <> approved_by", name=op.f("ck_redactions_two_people")),
        sa.ForeignKeyConstraint(["body_hash"], ["bodies.hash"], name=op.f("fk_redactions_body_hash")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_redactions_seq")),
        sa.PrimaryKeyConstraint("body_hash", name=op.f("pk_redactions")),
    )
    op.create_table(
        "redirects",
        sa.Column("old_key", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_redirects_section")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_redirects_seq")),
        sa.PrimaryKeyConstraint("old_key", name=op.f("pk_redirects")),
    )
    op.create_table(
        "reviews",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_reviews_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_reviews")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("change_note", sa.Text(), nullable=False),
        sa.Column("importance", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("in_force_from", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.Column("as_recorded_by_source", sa.Integer(), nullable=False),
        sa.Column("reviewed_on", sa.Text(), nullable=True),
        sa.Column("review_due", sa.Text(), nullable=True),
        sa.Column("agencies", sa.Text(), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["body_hash"], ["bodies.hash"], name=op.f("fk_revisions_body_hash")),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_revisions_section")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_revisions_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("section", "revision", name=op.f("uq_revisions_section_revision")),
    )
    op.create_table(
        "terms",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_terms_seq")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_terms")),
    )
    op.create_table(
        "attachments",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("text_equivalent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file"], ["files.hash"], name=op.f("fk_attachments_file")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_attachments_revision_id")),
        sa.PrimaryKeyConstraint("revision_id", "place", name=op.f("pk_attachments")),
    )
    op.create_table(
        "cancellations",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_cancellations_revision_id")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_cancellations_seq")),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_cancellations")),
    )
    op.create_table(
        "learning_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("pid", sa.Text(), nullable=True),
        sa.Column("illustrative", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pid"], ["paragraphs.pid"], name=op.f("fk_learning_links_pid")),
        sa.ForeignKeyConstraint(["review"], ["reviews.key"], name=op.f("fk_learning_links_review")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_learning_links_revision_id")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_learning_links_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_links")),
    )
    op.create_index("ix_learning_links_review", "learning_links", ["review", "ordinal"], unique=False)
    op.create_table(
        "learning_points",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["reviews.key"], name=op.f("fk_learning_points_review")),
        sa.PrimaryKeyConstraint("review", "ordinal", name=op.f("pk_learning_points")),
    )
    op.create_table(
        "number_aliases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("pid", sa.Text(), nullable=True),
        sa.Column("used_from", sa.Text(), nullable=True),
        sa.Column("used_until", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pid"], ["paragraphs.pid"], name=op.f("fk_number_aliases_pid")),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_number_aliases_section")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_number_aliases_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_aliases")),
    )
    op.create_table(
        "placements",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("pid", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("likeness", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pid"], ["paragraphs.pid"], name=op.f("fk_placements_pid")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_placements_revision_id")),
        sa.PrimaryKeyConstraint("revision_id", "ordinal", name=op.f("pk_placements")),
        sa.UniqueConstraint("revision_id", "pid", name=op.f("uq_placements_revision_id_pid")),
    )
    op.create_index("ix_placements_pid", "placements", ["pid"], unique=False)
    op.create_table(
        "references",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("pid", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_references_revision_id")),
        sa.PrimaryKeyConstraint("revision_id", "place", name=op.f("pk_references")),
    )
