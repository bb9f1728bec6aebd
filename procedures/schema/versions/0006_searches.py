"""Searches that led nowhere, the running day's tally they are told apart by, and who has dealt with feedback.

Working matter, outside the record: rows here change and go.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the two tables of searches, and give feedback who dealt with it and when."""
    op.create_table(
        "unanswered_searches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("not_found", sa.Integer(), nullable=False),
        sa.Column("not_opened", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("place_before", sa.Integer(), nullable=True),
        sa.Column("place_after", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["section"], ["sections.key"], name=op.f("fk_unanswered_searches_section")),
        sa.CheckConstraint(
            "state IN ('open', 'term', 'best answer', 'gap', 'out of scope')", name=op.f("ck_unanswered_searches_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_searches")),
        sa.UniqueConstraint("words", name=op.f("uq_unanswered_searches_words")),
        sqlite_autoincrement=True,  # an address must never come to mean another search
    )
    op.create_table(
        "search_tallies",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("not_found", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "words", name=op.f("pk_search_tallies")),
    )
    op.add_column("feedback", sa.Column("dealt_with_by", sa.Text(), nullable=True))
    op.add_column("feedback", sa.Column("dealt_with_on", sa.Text(), nullable=True))
