"""Lets alembic run these migrations."""

from chassis.database import run_migrations_env

run_migrations_env()
