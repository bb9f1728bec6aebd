"""The workspace: drafts that people work on, every version of them, who helped to write and who approved.

Working matter, outside the record: rows here change and go. The triggers stand behind the rules of `kb.workflow`:
nobody approves what they helped to write, and an approval is void when a character changes.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TRIGGERS = (
    "CREATE TRIGGER draft_approvals_four_eyes BEFORE INSERT ON draft_approvals "
    "WHEN EXISTS (SELECT 1 FROM draft_contributors WHERE draft = NEW.draft AND folded = NEW.folded) "
    "BEGIN SELECT RAISE(ABORT, 'draft_approvals: nobody approves what they helped to write'); END",
    "CREATE TRIGGER draft_approvals_refuse_update BEFORE UPDATE ON draft_approvals "
    "BEGIN SELECT RAISE(ABORT, 'draft_approvals: an approval is given or void, never changed'); END",
    "CREATE TRIGGER draft_contributors_four_eyes BEFORE INSERT ON draft_contributors "
    "WHEN EXISTS (SELECT 1 FROM draft_approvals WHERE draft = NEW.draft AND folded = NEW.folded) "
    "BEGIN SELECT RAISE(ABORT, 'draft_contributors: whoever approved does not write'); END",
    "CREATE TRIGGER drafts_void_approval AFTER UPDATE OF content ON drafts WHEN NEW.content <> OLD.content "
    "BEGIN DELETE FROM draft_approvals WHERE draft = NEW.id; END",
    "CREATE TRIGGER drafts_need_approval BEFORE UPDATE OF state ON drafts WHEN NEW.state = 'approved' "
    "AND NOT EXISTS (SELECT 1 FROM draft_approvals WHERE draft = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'drafts: approved without an approval'); END",
    # The names of those who wrote a text are joined with a comma.
    "CREATE TRIGGER revisions_four_eyes BEFORE INSERT ON revisions WHEN NEW.approver IS NOT NULL "
    "AND instr(', ' || lower(NEW.author) || ', ', ', ' || lower(NEW.approver) || ', ') > 0 "
    "BEGIN SELECT RAISE(ABORT, 'revisions: nobody approves what they helped to write'); END",
)


def upgrade() -> None:
    """Give drafts a version and a state, make the tables around them, then guard them."""
    with op.batch_alter_table("drafts", recreate="always") as drafts:
        drafts.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        drafts.add_column(sa.Column("state", sa.Text(), nullable=False, server_default="draft"))
        drafts.create_check_constraint(
            op.f("ck_drafts_state"), "state IN ('draft', 'in review', 'approved', 'published', 'withdrawn')"
        )
    op.create_table(
        "draft_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name=op.f("fk_draft_versions_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_versions")),
        sqlite_autoincrement=True,  # a version's id must never come to mean another
    )
    op.create_index("ix_draft_versions_draft", "draft_versions", ["draft"])
    op.create_index("ix_draft_versions_at", "draft_versions", ["at"])
    op.create_table(
        "draft_contributors",
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name=op.f("fk_draft_contributors_draft")),
        sa.PrimaryKeyConstraint("draft", "folded", name=op.f("pk_draft_contributors")),
    )
    op.create_table(
        "draft_approvals",
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["drafts.id"], name=op.f("fk_draft_approvals_draft")),
        sa.PrimaryKeyConstraint("draft", name=op.f("pk_draft_approvals")),
    )
    for trigger in _TRIGGERS:
        op.execute(trigger)
