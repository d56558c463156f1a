"""Questions of one tenant: whichever table they read, nobody who was erased is in it."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.clickhouse import Query

# Tables whose rows belong to a person; a structure test compares them with the migrations.
OF_PEOPLE = ("events", "order_facts", "traits", "event_details", "profile_of", "reachability", "first_seen")

Question = Query

# Not bounded by the answer's position: until the writer's position has passed an erasure, equal positions may
# differ by the person erased; afterwards they agree again. Nobody sees them a moment longer for it.
_NOT_ERASED = "{} not in (select nid from {{{{erased_nids}}}})"


def question(sql: str) -> Query:
    """The way to ask; see the module's first line."""
    return Query(sql, {table: _NOT_ERASED.format(person_column(table)) for table in OF_PEOPLE})


def of_the_erased(sql: str) -> Query:
    """What hangs on people who are being erased: it may name others or products, and tell nothing of them."""
    return Query(sql)


def person_column(table: str) -> str:
    """The column that says whose a row is; a profile bears the number of one of its nids."""
    return "profile_id" if table == "reachability" else "nid"


@dataclass(frozen=True, slots=True)
class Wide:
    """One question, of everybody and of some nids."""

    of_all: Query
    of_some: Query


def wide(sql: Callable[[str], str]) -> Wide:
    """`sql` is given a condition to put behind its others. The second form binds nids Array(UInt32)."""
    some = "and nid in (select arrayJoin({nids:Array(UInt32)}))"
    return Wide(question(sql("")), question(sql(some)))
