"""Every tenant's table, in each database as migrated, is closed to other tenants and keyed by its tenant."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import async_url

SERVICES = ["campaign", "gateway", "identity", "insight", "recommender"]
# Tables without a tenant, or not led by it, and why.
NO_TENANT = {
    "alembic_version": "alembic's own",
    "positions": "one place a stream; nobody's",
}
EXCEPTIONS: dict[str, dict[str, str]] = {
    "gateway": {
        "one_time_codes": "a teammate's authenticator app; belongs to the person, not to a tenant",
        "recovery_codes": "belong to a teammate, as the app does",
        "passkeys": "found by their credential id before anybody is known; belong to a teammate",
        "tickets": "one-way tokens of sign-ins, resets and trips to a provider; found by a secret's hash",
        "attempts": "counts tries by hashed address or account; holds nothing of a tenant",
        "letters": "sealed letters to teammates, gone when sent",
        "job_queue": "names (tenant, job) of all tenants for the runner; holds nothing of a tenant",
        "teammates": "a person may work for several tenants; `memberships` says for which",
        "sessions": "found by a secret's hash before anybody is known; belongs to a teammate",
        "partners": "work for several tenants; `grants` says for which",
        "client_secrets": "a partner's; found by their hash",
        "access_tokens": "a partner's; found by a secret's hash before the tenant is known",
        "operators": "teammates who run the platform, for no tenant",
        "requests": "answers to repeated operator requests; belongs to the operator",
        "duty_queue": "names (tenant, duty) of all tenants for the keeper; holds nothing of a tenant",
        "deleted_tenants": "the operator's note that there was a tenant; nothing else is left of it",
    },
    "insight": {
        "live_queue": "names all tenants with segments for the refreshing loop; holds nothing of a tenant",
    },
    "identity": {
        "command_queue": "names (tenant, command) of all tenants for the writer; holds nothing of a tenant",
        "erasure_queue": "names (tenant, erasure) of all tenants for the keeper; holds nothing of a tenant",
    },
}
_TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity,
    (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
     where i.indrelid = c.oid and i.indisprimary),
    (select count(*) from pg_policy p where p.polrelid = c.oid),
    pg_get_userbyid(c.relowner) = :role
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
order by 1
"""
_ROLE = """
select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = :role
"""


@pytest.mark.parametrize("service", SERVICES)
async def test_every_tenants_table_is_closed_and_keyed(engines: Any, service: str) -> None:
    engine = create_async_engine(async_url(engines.postgres_url(service)))
    try:
        async with engine.connect() as connection:
            role = await connection.scalar(sa.text("select current_user"))
            tables = (await connection.execute(sa.text(_TABLES), {"role": role})).all()
            powerful = await connection.scalar(sa.text(_ROLE), {"role": role})
    finally:
        await engine.dispose()
    exceptions = EXCEPTIONS.get(service, {})
    assert not powerful
    assert [name for name, *_, owned in tables if owned] == [], "the serving role owns a table"
    closed = {
        name for name, forced, first, policies, _ in tables if forced and first == "tenant_id" and policies
    }
    names = {row[0] for row in tables}
    assert sorted(names - closed - set(NO_TENANT) - set(exceptions)) == []
    assert sorted(set(exceptions) - (names - closed)) == [], "an exception that is none"
