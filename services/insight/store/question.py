"""Questions of one tenant: whichever table they read, nobody who was erased is in it."""

from chassis.clickhouse import Query

# Tables whose rows belong to a person; a structure test compares them with the migrations.
OF_PEOPLE = ("events", "order_facts", "traits", "profile_of", "first_seen")

# Not bounded by the answer's position: until the writer's position has passed an erasure, equal positions may
# differ by the person erased; afterwards they agree again. Nobody sees them a moment longer for it.
_NOT_ERASED = "nid not in (select nid from {{erased_nids}})"


def question(sql: str) -> Query:
    """The only way to ask; see the module's first line."""
    return Query(sql, dict.fromkeys(OF_PEOPLE, _NOT_ERASED))
