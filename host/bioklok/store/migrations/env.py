"""Alembic asks here what to run against: the connection that `store.database` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
