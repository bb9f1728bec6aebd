"""Runs the migrations on the connection `procedures.store` hands over; started by alembic, never by hand."""

from alembic import context

from procedures.schema.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
