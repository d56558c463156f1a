"""Visits, words and sources by nid, as genes read them."""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.events import NO_ACTS
from services.insight.domain.genes.facts import I8, U1, U4, WordKind
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.queries.facts_scope import AT, PLACE, SO_FAR, Scope, read
from services.insight.store.question import wide

_NOT_AN_ACT = ", ".join(f"'{name}'" for name in sorted(NO_ACTS))

_ACTS = wide(
    lambda who: (
        f"""
    select nid, {AT} as at, toUInt8(name in ('page', 'screen')) as page_view
    from {{{{events}}}} where {SO_FAR} and is_visit = 1 {who}
    order by nid, occurred_at
    """
    )
)

# Of each word the first moment of a local day: windows are of whole days, and days end at the earliest now.
_WORDS = wide(
    lambda who: (
        f"""
    select nid, kind, word, min(at) as at from (
        select nid, toUInt8(multiIf(
                aspect = 'term', {int(WordKind.SEARCHED)}, aspect = 'topic', {int(WordKind.TOPIC)},
                {int(WordKind.CHANNEL)}
            )) as kind, value as word, {AT} as at, toDate32(occurred_at, {{zone:String}}) as day
        from {{{{event_details}}}}
        where {SO_FAR} and aspect in ('term', 'topic', 'clicked') {who}
        union all
        select nid, toUInt8({int(WordKind.CHANNEL)}) as kind, toString(channel) as word, {AT} as at,
            toDate32(occurred_at, {{zone:String}}) as day
        from {{{{events}}}}
        where {SO_FAR} and (
            (is_visit = 1 and channel in ('web', 'app'))
            or (channel in ('store', 'marketplace', 'call') and name not in ({_NOT_AN_ACT}))
        ) {who}
    )
    group by nid, kind, word, day
    """
    )
)

_SOURCES = wide(
    lambda who: (
        f"""
    select nid, {AT} as at, toInt64({PLACE}) as place, value, toUInt8(category = 'utm') as utm
    from {{{{event_details}}}} where {SO_FAR} and aspect = 'source' {who}
    """
    )
)


@dataclass(frozen=True, slots=True)
class ActRows:
    """Visit events in the order of (nid, at)."""

    nid: U4
    at: I8
    page_view: U1


@dataclass(frozen=True, slots=True)
class WordRows:
    nid: U4
    at: I8
    kind: U1
    word: U4


@dataclass(frozen=True, slots=True)
class SourceRows:
    """Where visits came from."""

    nid: U4
    at: I8
    place: I8
    value: U4
    utm: U1


async def load_acts(scope: Scope) -> ActRows:
    found = await read(scope, _ACTS, Gathered())
    return ActRows(
        found.column("nid", np.uint32), found.column("at", np.int64), found.column("page_view", np.uint8)
    )


async def load_words(scope: Scope, zone: str, codes: Codes) -> WordRows:
    found = await read(scope, _WORDS, Gathered({"word": codes}), zone=zone)
    return WordRows(
        found.column("nid", np.uint32),
        found.column("at", np.int64),
        found.column("kind", np.uint8),
        found.column("word", np.uint32),
    )


async def load_sources(scope: Scope, codes: Codes) -> SourceRows:
    found = await read(scope, _SOURCES, Gathered({"value": codes}))
    return SourceRows(
        found.column("nid", np.uint32),
        found.column("at", np.int64),
        found.column("place", np.int64),
        found.column("value", np.uint32),
        found.column("utm", np.uint8),
    )
