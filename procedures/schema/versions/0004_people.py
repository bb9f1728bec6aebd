"""People: accounts, sessions and attempts to sign in. And redaction that can take out a paragraph, or a file.

Accounts, sessions, attempts and requests to redact are working matter outside the record: rows here change and go.
Redactions are the record's, and are written once.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WRITTEN_ONCE = ("redactions",)


def upgrade() -> None:
    """Make the tables of people, and make redactions anew with room for what is left."""
    _make_people()
    _make_requests()
    op.execute("DROP TRIGGER bodies_only_redact")
    op.execute("DROP TRIGGER files_refuse_update")
    op.rename_table("redactions", "redactions_before")
    _make_redactions()
    op.execute(
        "INSERT INTO redactions (body_hash, reason, requested_by, approved_by, seq) "
        "SELECT body_hash, reason, requested_by, approved_by, seq FROM redactions_before"
    )
    op.drop_table("redactions_before")
    _guard()


def _make_people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_until", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("folded", name=op.f("uq_accounts_folded")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_sessions_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_who", "sign_in_attempts", ["who"])
    op.create_index("ix_sign_in_attempts_network", "sign_in_attempts", ["network"])


def _make_requests() -> None:
    op.create_table(
        "redaction_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redaction_requests")),
    )


def _make_redactions() -> None:
    op.create_table(
        "redactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("left_hash", sa.Text(), nullable=True),
        sa.Column("file_hash", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("lower(requested_by) <> lower(approved_by)", name=op.f("ck_redactions_two_people")),
        sa.CheckConstraint("(body_hash IS NULL) <> (file_hash IS NULL)", name=op.f("ck_redactions_one_thing")),
        sa.ForeignKeyConstraint(["body_hash"], ["bodies.hash"], name=op.f("fk_redactions_body_hash")),
        sa.ForeignKeyConstraint(["file_hash"], ["files.hash"], name=op.f("fk_redactions_file_hash")),
        sa.ForeignKeyConstraint(["seq"], ["events.seq"], name=op.f("fk_redactions_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redactions")),
    )


def _guard() -> None:
    """Let a text or a file change only in the transaction that records why, and only into what it says is left."""
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER redactions_refuse_{verb} BEFORE {verb.upper()} ON redactions "
            "BEGIN SELECT RAISE(ABORT, 'redactions: rows are written once'); END"
        )
    op.execute(
        "CREATE TRIGGER bodies_only_redact BEFORE UPDATE ON bodies "
        "WHEN NEW.hash <> OLD.hash OR NOT EXISTS (SELECT 1 FROM redactions WHERE body_hash = OLD.hash "
        "AND (left_hash IS NULL) = (NEW.html IS NULL) AND seq = (SELECT max(seq) FROM events)) "
        "BEGIN SELECT RAISE(ABORT, 'bodies: text is only ever replaced by a recorded redaction'); END"
    )
    op.execute(
        "CREATE TRIGGER files_only_redact BEFORE UPDATE ON files "
        "WHEN NEW.hash <> OLD.hash OR length(NEW.content) > 0 "
        "OR NOT EXISTS (SELECT 1 FROM redactions "
        "WHERE file_hash = OLD.hash AND seq = (SELECT max(seq) FROM events)) "
        "BEGIN SELECT RAISE(ABORT, 'files: content is only ever removed by a recorded redaction'); END"
    )
