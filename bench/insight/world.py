"""A tenant with a history of 400 days, written in bulk into the tables of a running system.

Rows lie at places of identity's stream that the writer has passed, because events that were sent through the
gateway before made them. Later traffic of the tenant is of numbers that people here have, too.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from clickhouse_connect.driver.client import Client
from numpy.typing import NDArray

from bench.insight.history import CHANNELS, NAMES, Piece, pieces
from bench.skewed import Shop, paths
from bench.system import System, Tenant
from services.insight.store import native

# Messages at whose places the rows are laid, and the first row that no message reaches by itself. So many
# come after them: a service that starts reads the last 500 messages back, which are never as large as these.
_PLACES = 64
_PLACES_AFTER = 510
_APART_SECONDS = 0.03
_FIRST_ROW = 1_000
_ANONYMOUS = 6
# One in so many people has a second browser, which did every other thing of theirs.
_TWO_NIDS = 10

_TYPES = {"u1": "UInt8", "u4": "UInt32", "i8": "Int64"}
_NAME = f"{list(NAMES)}[did + 1]"
_BIG_BLOCKS = {
    "max_insert_threads": 2,
    "min_insert_block_size_rows": 3_000_000,
    "min_insert_block_size_bytes": 1_500_000_000,
    "max_insert_block_size": 3_000_000,
}
_COMMON = f"""
    {{tenant_id:UUID}} as tenant_id, nid, fromUnixTimestamp64Milli(at_ms, 'UTC') as occurred_at,
    toUInt64({{last:UInt64}} - n % {_PLACES}) as position,
    toUInt32({{row:UInt32}} + intDiv(n, {_PLACES})) as row
"""
_PAYLOAD = f"""concat(
    '{{"type":"track","event":"', {_NAME}, '","messageId":"', message_id, '","timestamp":"', toString(at_ms),
    '","context":{{"channel":"web","page":{{"url":"https://shop.example/c/', toString(s.category), '/p',
    toString(s.product), '?session=', hex(sipHash64(nid, intDiv(at_ms, 1800000))),
    '"}},"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)","locale":"zh-TW"}},',
    '"properties":{{"product_id":"p', toString(s.product), '","price":', toString(intDiv(s.price, 10000)),
    ',"quantity":', toString(s.quantity), '}}}}')"""
_EVENTS = f"""
    select {_COMMON}, if(member = 1, 1, 6) as nid_kind, occurred_at as received_at,
        if(did = 0, 3, 1) as kind, {_NAME} as name, {list(CHANNELS)}[s.channel + 1] as channel,
        toUInt8(s.channel < 2) as is_visit, if(s.channel < 2, 1, 2) as source_kind, 'bench' as source_key,
        toString(generateUUIDv4(n)) as message_id, {_PAYLOAD} as payload
    from bench_stage as s
"""
_DETAILS = f"""
    select {_COMMON}, {_NAME} as name,
        multiIf(did = 5, 'term', did = 0, 'source', 'item') as aspect,
        if(did = 4, concat('o', toString(position), '-', toString(row)), '') as order_id,
        if(s.channel < 2, 1, 2) as source_kind,
        if(s.product = 0, '', concat('p', toString(s.product))) as product,
        if(did = 0, 'utm', {{categories:Array(String)}}[s.category + 1]) as category,
        if(s.brand = 0, '', concat('brand ', toString(s.brand))) as brand,
        multiIf(did = 5, concat('term ', toString(word)), did = 0, 'google / cpc', '') as value,
        toDecimal64(greatest(s.quantity, 1), 4) as quantity,
        if(s.product = 0, null, toDecimal128(s.price, 0) / 10000) as price,
        if(did = 4, toDecimal128(s.discount, 0) / 10000, null) as discount, toUInt16(0) as line
    from bench_stage as s where did between 1 and 5 or (did = 0 and n % 20 = 0)
"""
_ORDERS = f"""
    select {_COMMON}, concat('o', toString(position), '-', toString(row)) as order_id,
        'order_completed' as name, '' as status,
        toDecimal128(s.price * s.quantity - s.discount, 0) / 10000 as value, 'revenue' as basis,
        '' as currency, if(s.channel < 2, 1, 2) as source_kind
    from bench_stage as s where did = 4
"""
# In this order, as the writer's: an event that is there proves the rest.
_KEYS = "tenant_id, nid, occurred_at, position, row"
_TABLES = {
    "order_facts": ("order_id, name, status, value, basis, currency, source_kind", _ORDERS),
    "event_details": (
        "name, aspect, order_id, source_kind, product, category, brand, value, quantity, price, discount, "
        "line",
        _DETAILS,
    ),
    "events": (
        "nid_kind, received_at, kind, name, channel, is_visit, source_kind, source_key, message_id, payload",
        _EVENTS,
    ),
}
Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class World:
    """The tenant, how much it has, and how long that took to write."""

    tenant: Tenant
    n_people: int
    n_events: int
    seconds: float
    bytes_per_event: float


Taker = Callable[[Piece], None]


def build_world(system: System, n_people: int, also: Taker | None = None) -> World:
    """`also` is given every piece, too."""
    began = time.monotonic()
    tenant = system.create_tenant("a world")
    client = system.clickhouse()
    last = _pass_places(system, client) - _PLACES_AFTER
    before = _stored_bytes(client)
    writer = _Writer(client, tenant, last, n_people)
    with ThreadPoolExecutor(1) as writing:
        under_way: Future[None] | None = None
        for piece in pieces(n_people):
            if under_way is not None:
                under_way.result()
            under_way = writing.submit(writer.write, piece)
            if also is not None:
                also(piece)
        if under_way is not None:
            under_way.result()
    writer.write_people()
    # As the engine does by itself with months in which nothing has arrived for an hour.
    client.command("optimize table events final")
    used = _stored_bytes(client) - before
    return World(tenant, n_people, writer.n_events, time.monotonic() - began, used / writer.n_events)


def _pass_places(system: System, client: Client) -> int:
    """Have another tenant send until enough messages are written; the place of the last."""
    tenant = system.create_tenant("places")
    first = int(client.query("select max(position) from events").result_rows[0][0])
    while True:
        for number in range(_PLACES):
            event = {"event": "Opened", "anonymousId": f"opener {number}"}
            system.call("POST", "/v1/track", tenant.secret_key, event)
            # Those that come together become one message.
            time.sleep(_APART_SECONDS)
        last = int(client.query("select max(position) from events").result_rows[0][0])
        if last >= first + _PLACES + _PLACES_AFTER:
            return last


def _stored_bytes(client: Client) -> int:
    sql = "select sum(bytes_on_disk) from system.parts where active and table not like 'bench%'"
    return int(client.query(sql).result_rows[0][0])


class _Writer:
    def __init__(self, client: Client, tenant: Tenant, last: int, n_people: int) -> None:
        self._client = client
        self._tenant = tenant
        self._last = last
        self._n_people = n_people
        self._row = _FIRST_ROW
        self._categories = list(paths(Shop().categories))
        self.n_events = 0

    def write(self, piece: Piece) -> None:
        """What its people did, in all tables."""
        number = np.arange(piece.size, dtype=np.uint32)
        second = (piece.person % _TWO_NIDS == 0) & (number % 2 == 1)
        nid = np.where(second, piece.person + np.uint32(self._n_people), piece.person)
        columns: dict[str, Values] = {one.name: getattr(piece, one.name) for one in fields(piece)}
        columns |= {"n": number, "nid": nid}
        kinds = {name: _TYPES[values.dtype.str[1:]] for name, values in columns.items()}
        declared = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        self._client.command(
            f"create table if not exists bench_stage ({declared}) engine = MergeTree order by n"
        )
        self._insert("bench_stage", {name: (kinds[name], values) for name, values in columns.items()})
        values = {
            "tenant_id": self._tenant.id,
            "last": self._last,
            "row": self._row,
            "categories": self._categories,
        }
        for table, (names, sql) in _TABLES.items():
            statement = f"insert into {table} ({_KEYS}, {names}) {sql}"
            self._client.command(statement, parameters=values, settings=_BIG_BLOCKS)
        self._client.command("truncate table bench_stage")
        self._row += piece.size // _PLACES + 1
        self.n_events += piece.size

    def write_people(self) -> None:
        """Who has two browsers, and who is reachable by what."""
        first = np.arange(_TWO_NIDS, self._n_people + 1, _TWO_NIDS, dtype=np.uint32)
        nid = np.concatenate([first, first + np.uint32(self._n_people)])
        # Who is a member, their events say.
        kind = np.full(nid.size, _ANONYMOUS, np.uint8)
        mapped: dict[str, tuple[str, Values]] = {"nid": ("UInt32", nid), "kind": ("UInt8", kind)}
        self._insert(
            "profile_of", mapped | {"profile_id": ("UInt32", np.tile(first, 2))} | self._at(nid.size)
        )
        everybody = np.arange(1, self._n_people + 1, dtype=np.uint32)
        channels = (everybody % 8).astype(np.uint8)
        reached: dict[str, tuple[str, Values]] = {
            "profile_id": ("UInt32", everybody),
            "channels": ("UInt8", channels),
        }
        self._insert("reachability", reached | self._at(everybody.size))

    def _at(self, size: int) -> dict[str, tuple[str, Values]]:
        """The tenant and places of so many rows."""
        number = np.arange(size)
        tenant = np.frombuffer(native.identifiers([self._tenant.id]), np.uint8)
        return {
            "tenant_id": ("UUID", np.tile(tenant, size)),
            "position": ("UInt64", (self._last - number % _PLACES).astype(np.uint64)),
            "row": ("UInt32", (_FIRST_ROW + number // _PLACES).astype(np.uint32)),
        }

    def _insert(self, table: str, columns: Mapping[str, tuple[str, Values]]) -> None:
        n_rows = next(values.size for name, (_, values) in columns.items() if name != "tenant_id")
        encoded = [(name, kind, values.tobytes()) for name, (kind, values) in columns.items()]
        self._client.raw_insert(table, list(columns), native.block(encoded, n_rows), fmt="Native")
