"""What the shop remembers: visits with their carts, its own members, and what is still to be reported."""

import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

ENCODER = msgspec.json.Encoder(decimal_format="number")
_TABLES = """
create table if not exists sessions (id text primary key, body text not null);
create table if not exists members (
  number text primary key, email text not null unique, name text not null, joined_at text not null
);
create table if not exists reports (
  id integer primary key, member text, order_id text, body text not null, told integer not null default 0
);
create table if not exists seeded (what text primary key);
"""


@dataclass(slots=True)
class Session:
    """One browser's visit to the shop. `to_tell` are calls of the snippet that its next page makes,
    `order` is the last that was placed.
    """

    id: str
    member: str | None = None
    cart: dict[str, int] = field(default_factory=dict)
    to_tell: list[list[Any]] = field(default_factory=list)
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may sign in; a member of the history has a number and nothing else."""

    number: str
    email: str | None = None
    name: str | None = None


class EmailTaken(Exception):
    """Somebody has joined with this address already."""


class Memory:
    """A small SQLite file. Its calls take well under a millisecond, so the pages' loop makes them itself."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Nothing is asked afterwards."""
        self._database.close()

    def session(self, session_id: str | None) -> Session:
        """The session of a cookie; a new one for a cookie that is none of ours."""
        row = self._database.execute("select body from sessions where id = ?", (session_id,)).fetchone()
        return msgspec.json.decode(row[0], type=Session) if row else Session(secrets.token_urlsafe(18))

    def keep(self, session: Session) -> None:
        """As it is now."""
        body = ENCODER.encode(session).decode()
        self._database.execute("insert or replace into sessions values (?, ?)", (session.id, body))

    def join(self, email: str, name: str) -> Member:
        """A new member; raises EmailTaken."""
        number = f"D{secrets.randbelow(90_000_000) + 10_000_000}"
        now = datetime.now(UTC).isoformat()
        try:
            self._database.execute("insert into members values (?, ?, ?, ?)", (number, email, name, now))
        except sqlite3.IntegrityError as taken:
            raise EmailTaken from taken
        return Member(number, email, name)

    def member(self, who: str) -> Member | None:
        """Whose address or number this is, among the shop's own members."""
        row = self._database.execute(
            "select number, email, name from members where email = ? or number = ?", (who, who)
        ).fetchone()
        return Member(*row) if row else None

    def report(self, member: str | None, order_id: str | None, events: list[dict[str, Any]]) -> None:
        """Keep what our server has to tell the tracking API, until it is told."""
        body = ENCODER.encode({"batch": events}).decode()
        self._database.execute(
            "insert into reports (member, order_id, body) values (?, ?, ?)", (member, order_id, body)
        )

    def untold(self) -> list[tuple[int, bytes]]:
        """What is to be told, oldest first."""
        rows = self._database.execute("select id, body from reports where told = 0 order by id limit 20")
        return [(number, body.encode()) for number, body in rows]

    def told(self, report: int) -> None:
        """It is stored where it belongs."""
        self._database.execute("update reports set told = 1 where id = ?", (report,))

    def orders(self, member: str) -> list[str]:
        """A member's order numbers at this shop, newest first."""
        rows = self._database.execute(
            "select order_id from reports where member = ? and order_id is not null order by id desc",
            (member,),
        )
        return [order_id for (order_id,) in rows]

    def has_seeded(self, what: str) -> bool:
        """Whether `seeded` was said of it."""
        found = self._database.execute("select 1 from seeded where what = ?", (what,))
        return found.fetchone() is not None

    def seeded(self, what: str) -> None:
        """It need not be done again."""
        self._database.execute("insert or ignore into seeded values (?)", (what,))
