"""PostgreSQL as we run it: who may do what, and what a kill -9 costs."""

import asyncio
import itertools
import os
import signal
import tempfile
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import engines.postgres
from engines.credentials import new_credentials
from engines.postgres import Postgres
from engines.processes import launch, stop, wait_ready
from tests.conftest import Engines, free_port

NOTES = """
create table notes (tenant_id uuid not null, text text);
alter table notes enable row level security;
alter table notes force row level security;
create policy tenant on notes using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
"""


async def test_the_serving_role_sees_one_tenant_only_and_cannot_lift_that(engines: Engines) -> None:
    owner = await asyncpg.connect(engines.migration_url("isolation"))
    await owner.execute(NOTES)
    ours, theirs = str(uuid4()), str(uuid4())
    app = await asyncpg.connect(engines.postgres_url("isolation"))
    for tenant in (ours, theirs):
        async with app.transaction():
            await app.execute("select set_config('app.tenant', $1, true)", tenant)
            await app.execute("insert into notes values ($1, 'hello')", tenant)
    async with app.transaction():
        await app.execute("select set_config('app.tenant', $1, true)", ours)
        assert [str(row[0]) for row in await app.fetch("select tenant_id from notes")] == [ours]
    assert await app.fetch("select 1 from notes") == []
    assert await owner.fetch("select 1 from notes") == []
    for attempt in (
        "set row_security = off; select * from notes",
        "set role isolation_owner",
        "alter table notes no force row level security",
        "drop policy tenant on notes",
        "create table mine (id int)",
        "alter role isolation bypassrls",
        "copy notes to program 'cat'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(attempt)
        await app.execute("reset all")
    await app.close()
    await owner.close()


async def test_a_service_cannot_enter_the_database_of_another(engines: Engines) -> None:
    url = engines.postgres_url("first_of_two")
    engines.postgres_url("second_of_two")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(url.rpartition("/")[0] + "/second_of_two")


async def test_a_wrong_password_is_refused_on_loopback_too(engines: Engines) -> None:
    url = engines.postgres_url("first_of_two").replace("only-for-tests", "guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url)


async def test_what_was_committed_is_there_after_kill_9_even_with_an_orphan_at_work(tmp_path: Path) -> None:
    credentials = new_credentials()
    server = Postgres(tmp_path / "postgres", free_port(), credentials.postgres)
    server.create()
    part, log_path = server.part(), tmp_path / "log"
    process = launch(part, log_path)
    try:
        wait_ready(part, process, log_path, 30)
        server.ensure_database("identity")
        owner = await asyncpg.connect(server.owner_url("identity"))
        await owner.execute("create table counted (n int)")
        busy = await asyncpg.connect(server.owner_url("identity"))
        # A backend in a long calculation does not notice that its server is gone.
        orphan = asyncio.create_task(
            busy.execute("select count(*) from (select generate_series(1, 500000000)) s")
        )
        for n in range(200):
            await owner.execute("insert into counted values ($1)", n)
        process.kill()
        process.wait()
        # A backend that was idle ends when it notices, and may still commit before that.
        with pytest.raises((OSError, asyncpg.PostgresError)):
            for n in itertools.count(200):
                await owner.execute("insert into counted values ($1)", n)
        part.before_start()
        process = launch(part, log_path)
        wait_ready(part, process, log_path, 30)
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await orphan
        again = await asyncpg.connect(server.url("identity"))
        # The last was never answered: it may be there or not.
        assert await again.fetchval("select count(*) from counted") in (n, n + 1)
        await again.close()
    finally:
        stop(process, signal.SIGINT, 10)


def test_a_data_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    half = tmp_path / "postgres.draft"
    half.mkdir()
    (half / "PG_VERSION").write_text("left by a killed attempt")
    server = Postgres(tmp_path / "postgres", free_port(), new_credentials().postgres)
    assert not server.created
    server.create()
    assert server.created
    assert not half.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_runs_it_where_user_namespaces_are_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines.postgres, "_namespace_allowed", lambda _: False)
    # Not below pytest's own folder, which nobody else may enter; a data folder itself is as closed as this.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Postgres(folder / "postgres", free_port(), new_credentials().postgres)
        server.create()
        process = launch(server.part(), folder / "log")
        try:
            wait_ready(server.part(), process, folder / "log", 20)
            server.ensure_database("insight")
        finally:
            stop(process, signal.SIGINT, 10)
        assert folder.stat().st_mode & 0o777 == 0o711
