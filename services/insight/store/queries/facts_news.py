"""What was written behind a place of the stream: rows that are added to facts, and what else they move."""

from dataclasses import dataclass

import numpy as np

from chassis.background import side_by_side
from services.insight.domain.events import NO_ACTS
from services.insight.domain.genes.facts import I8, U1, U4, ItemAct, WordKind
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.queries.facts_items import ProductCodes
from services.insight.store.queries.facts_scope import AT, PLACE, SO_FAR, Scope
from services.insight.store.question import Question, of_the_erased, question

# Old parts and granules are passed over by their least and greatest position; projections know none.
_NO_PROJECTIONS = {"optimize_use_projections": 0, "max_execution_time": 900}
_BEHIND = "position > {after:UInt64} and position <= {position:UInt64}"
_NOT_AN_ACT = ", ".join(f"'{name}'" for name in sorted(NO_ACTS))

# Bits of `EventRows.says`.
VISIT, PAGE_VIEW, MEMBER, JOINED, OFFLINE = 1, 2, 4, 8, 16
# Of `DetailRows.aspect`.
ITEM, WORD, SOURCE = 1, 2, 3
_TRAIT, _CREATED, _MOVED, _REACH, _ORDER, _ERASED = range(6)

_EVENTS = question(
    f"""
    select nid, {AT} as at, toInt64({PLACE}) as place,
        toUInt8((is_visit = 1) * {VISIT} + (name in ('page', 'screen')) * {PAGE_VIEW}
            + (nid_kind = 1) * {MEMBER} + (name = 'signed_up' or nid_kind = 1) * {JOINED}
            + (name = 'order_completed' and is_visit = 0) * {OFFLINE}) as says,
        if((is_visit = 1 and channel in ('web', 'app'))
            or (channel in ('store', 'marketplace', 'call') and name not in ({_NOT_AN_ACT})),
            toString(channel), '') as word
    from {{{{events}}}} where {_BEHIND}
    order by position, row
    """
)

_DETAILS = question(
    f"""
    select nid, {AT} as at, toInt64({PLACE}) as place,
        toUInt8(multiIf(aspect = 'item', {ITEM}, aspect = 'source', {SOURCE}, {WORD})) as about,
        toUInt8(multiIf(
            aspect = 'item', multiIf(name = 'product_viewed', {int(ItemAct.VIEWED)},
                name = 'product_added', {int(ItemAct.ADDED)},
                name = 'product_removed', {int(ItemAct.REMOVED)}, 0),
            aspect = 'term', {int(WordKind.SEARCHED)}, aspect = 'topic', {int(WordKind.TOPIC)},
            aspect = 'clicked', {int(WordKind.CHANNEL)}, category = 'utm', 1, 0)) as kind,
        product, if(aspect = 'item', category, '') as said_category, brand, quantity, line,
        if(aspect in ('term', 'topic', 'clicked'), value, '') as word,
        if(aspect = 'source', value, '') as source
    from {{{{event_details}}}}
    where {_BEHIND} and {SO_FAR} and aspect != 'order'
    order by position, row, aspect, line
    """
)

# An order is a matter of everybody who reported anything of it.
_OTHERS = question(
    f"""
    select about, nid, other, flag from (
        select toUInt8(if(name in ('createdAt', 'created_at'), {_CREATED}, {_TRAIT})) as about, nid,
            toUInt32(0) as other, toUInt8(0) as flag, position, row
        from {{{{traits}}}} where {_BEHIND}
        union all
        select toUInt8({_MOVED}) as about, nid, profile_id as other, toUInt8(kind = 1) as flag, position, row
        from {{{{profile_of}}}} where {_BEHIND}
        union all
        select toUInt8({_REACH}) as about, profile_id as nid, toUInt32(channels) as other,
            toUInt8(0) as flag, position, row
        from {{{{reachability}}}} where {_BEHIND}
        union all
        select toUInt8({_ORDER}) as about, nid, toUInt32(0) as other, toUInt8(0) as flag, position, row
        from {{{{order_facts}}}} where position <= {{position:UInt64}} and order_id in (
            select order_id from {{{{order_facts}}}} where {_BEHIND} and row >= 0
        )
        union all
        select toUInt8({_ERASED}) as about, nid, toUInt32(0) as other, toUInt8(0) as flag, position, row
        from {{{{erased_nids}}}} where {_BEHIND} and nid > 0
    ) order by position, row
    """
)

_ORDERED_TOGETHER = """
    select distinct nid from {{order_facts}} where position <= {position:UInt64} and order_id in (
        select order_id from {{order_facts}}
        where position <= {position:UInt64} and nid in (select arrayJoin({nids:Array(UInt32)}))
    )
"""
_OF_SHARED_ORDERS = question(_ORDERED_TOGETHER)
_OF_ORDERS_OF_ERASED = of_the_erased(_ORDERED_TOGETHER)
_NAMED_BY_ERASED = of_the_erased(
    """
    select distinct product from {{event_details}}
    where position <= {position:UInt64} and aspect = 'item' and product != ''
        and (category != '' or brand != '') and nid in (select arrayJoin({nids:Array(UInt32)}))
    """
)
_PIECE = 4000


@dataclass(frozen=True, slots=True)
class EventRows:
    """In the order of their places; some may lie ahead."""

    nid: U4
    at: I8
    place: I8
    says: U1
    # A channel of gene 30, or 0.
    word: U4


@dataclass(frozen=True, slots=True)
class DetailRows:
    """In the order of their places; `kind` is an ItemAct (0: a line of an order), a WordKind, or 1 of utm."""

    nid: U4
    at: I8
    place: I8
    aspect: U1
    kind: U1
    product: U4
    category: U4
    brand: U4
    quantity: I8
    line: U4
    word: U4
    source: U4


@dataclass(frozen=True, slots=True)
class News:
    """All that was written behind a place."""

    events: EventRows
    details: DetailRows
    # nids with a trait, and those with one that says when somebody joined.
    traits: U4
    created: U4
    # Of each nid that identity told of its newest profile, and whether it is a member's.
    moved_nid: U4
    moved_to: U4
    moved_member: U1
    reach_profile: U4
    reach: U4
    # Whoever reported anything of an order of which there is a new fact.
    of_orders: U4
    erased: U4


async def load_news(scope: Scope, after: int, products: ProductCodes, words: Codes, sources: Codes) -> News:
    """`scope` is everybody's."""
    texts = {**products.by_column(), "said_category": products.category, "word": words, "source": sources}
    async with side_by_side() as tasks:
        of_events = tasks.create_task(_read(scope, _EVENTS, Gathered({"word": words}), after))
        of_details = tasks.create_task(_read(scope, _DETAILS, Gathered(texts), after))
        of_others = tasks.create_task(_read(scope, _OTHERS, Gathered(), after))
    events, details, others = of_events.result(), of_details.result(), of_others.result()
    kind, nid = others.column("about", np.uint8), others.column("nid", np.uint32)
    other, flag = others.column("other", np.uint32), others.column("flag", np.uint8)
    moved = kind == _MOVED
    moved_nid, newest = _newest(nid[moved])
    reach = kind == _REACH
    reach_profile, announced = _newest(nid[reach])
    return News(
        EventRows(
            events.column("nid", np.uint32),
            events.column("at", np.int64),
            events.column("place", np.int64),
            events.column("says", np.uint8),
            events.column("word", np.uint32),
        ),
        _details(details),
        np.unique(nid[(kind == _TRAIT) | (kind == _CREATED)]),
        np.unique(nid[kind == _CREATED]),
        moved_nid,
        other[moved][newest],
        flag[moved][newest],
        reach_profile,
        other[reach][announced],
        np.unique(nid[kind == _ORDER]),
        np.unique(nid[kind == _ERASED]),
    )


def _details(found: Gathered) -> DetailRows:
    return DetailRows(
        nid=found.column("nid", np.uint32),
        at=found.column("at", np.int64),
        place=found.column("place", np.int64),
        aspect=found.column("about", np.uint8),
        kind=found.column("kind", np.uint8),
        product=found.column("product", np.uint32),
        category=found.column("said_category", np.uint32),
        brand=found.column("brand", np.uint32),
        quantity=found.column("quantity", np.int64),
        line=found.column("line", np.uint32),
        word=found.column("word", np.uint32),
        source=found.column("source", np.uint32),
    )


def _newest(keys: U4) -> tuple[U4, I8]:
    """The distinct keys, and the last row of each."""
    distinct, backwards = np.unique(keys[::-1], return_index=True)
    return distinct, keys.size - 1 - backwards


async def _read(scope: Scope, asked: Question, gathered: Gathered, after: int) -> Gathered:
    await scope.clickhouse.read(
        asked,
        scope.tenant_id,
        gathered.take,
        settings=_NO_PROJECTIONS,
        position=scope.position,
        until_ms=scope.until_ms,
        after=after,
    )
    return gathered


async def load_sharing(scope: Scope, nids: U4, *, erased: bool = False) -> U4:
    """Whoever reported anything of the orders of which these did."""
    asked = _OF_ORDERS_OF_ERASED if erased else _OF_SHARED_ORDERS
    return (await _of_some(scope, asked, nids, Gathered())).column("nid", np.uint32)


async def load_named_by_erased(scope: Scope, nids: U4) -> list[str]:
    """Products that these said something of."""
    products = Codes()
    await _of_some(scope, _NAMED_BY_ERASED, nids, Gathered({"product": products}))
    return products.texts[1:]


async def _of_some(scope: Scope, asked: Question, nids: U4, gathered: Gathered) -> Gathered:
    for start in range(0, nids.size, _PIECE):
        some = nids[start : start + _PIECE].tolist()
        await scope.clickhouse.read(asked, scope.tenant_id, gathered.take, position=scope.position, nids=some)
    return gathered
