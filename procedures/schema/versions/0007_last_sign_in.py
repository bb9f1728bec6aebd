"""When somebody last signed in, so that an account nobody uses is seen. Kept as long as the account, and only the last.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Give accounts the instant of their last sign-in; nothing is known of those before."""
    op.add_column("accounts", sa.Column("last_sign_in", sa.Text(), nullable=True))
