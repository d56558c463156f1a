"""How many people have each text of a gene: categories, lists, and the keys of maps."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.calendar import span
from services.insight.domain.genes.choices import category
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import CATEGORIES, MAPS
from services.insight.domain.genes.facts import I8, U4, Flags
from services.insight.domain.genes.lists import PRODUCT_LISTS
from services.insight.domain.segments.tree import Window


@dataclass(frozen=True)
class Holders:
    """Each (code, person) once, by code; 0 is no text."""

    codes: I8
    person: U4
    texts: Collection[str]
    n_people: int

    def by_text(self) -> dict[str, int]:
        """How many people have each text that anybody has."""
        counts = np.bincount(self.codes, minlength=len(self.texts)).tolist()
        pairs = zip(self.texts, counts, strict=True)
        return {text: count for code, (text, count) in enumerate(pairs) if code and count}

    def having(self, shown: Collection[str]) -> int:
        """How many people have any of the texts."""
        among = frozenset(shown)
        wanted = np.fromiter((text in among for text in self.texts), np.bool_, len(self.texts))
        wanted[0] = False
        flags = np.zeros(self.n_people, np.bool_)
        flags[self.person[wanted[self.codes]]] = True
        return int(np.count_nonzero(flags))

    def anything(self) -> int:
        """How many people have any text at all."""
        flags = np.zeros(self.n_people, np.bool_)
        flags[self.person[self.codes != 0]] = True
        return int(np.count_nonzero(flags))


def holders(columns: Columns, gene: str, window: Window | None, now_ms: int, hidden: Flags) -> Holders:
    """Of nobody who is hidden."""
    columns = columns.as_of(now_ms)
    everybody = np.flatnonzero(~hidden).astype(np.uint32)
    if gene in CATEGORIES:
        found = category(columns, gene, now_ms)
        return Holders(found.codes[everybody].astype(np.int64), everybody, found.texts, columns.size)
    if gene == "reachable_by":
        bits = columns.facts.people.reachable[everybody]
        rows = [everybody[(bits >> bit & 1) != 0] for bit in range(len(columns.facts.channels))]
        codes = np.repeat(np.arange(1, len(rows) + 1), [one.size for one in rows])
        return Holders(codes, np.concatenate(rows), ("", *columns.facts.channels), columns.size)
    if gene in MAPS:
        affinities = columns.affinities
        kept = (columns.scores(columns.today(now_ms)) > 0) & ~hidden[affinities.person]
        return _of_rows(affinities.starts, affinities.person, kept, columns.facts.categories, columns.size)
    first, last = span(window, columns.today(now_ms))
    if gene in PRODUCT_LISTS:
        pairs = columns.open_pairs(gene)
        kept = (pairs.day >= first) & (pairs.day <= last) & (pairs.at_ms <= now_ms - pairs.idle_ms)
        starts, person = pairs.starts, pairs.person
    else:
        presence = columns.presence(gene)
        # The last day of each is enough where the window ends with the facts.
        table = presence.newest if last >= presence.last_day else presence
        kept = (table.day >= first) & (table.day <= last)
        starts, person = table.starts, table.person
    return _of_rows(starts, person, kept & ~hidden[person], columns.vocabulary(gene).texts, columns.size)


def _of_rows(starts: I8, person: U4, kept: Flags, texts: Collection[str], n_people: int) -> Holders:
    rows = np.flatnonzero(kept)
    codes, whose = np.repeat(np.arange(starts.size - 1), np.diff(starts))[rows], person[rows]
    leads = np.ones(rows.size, np.bool_)
    leads[1:] = (codes[1:] != codes[:-1]) | (whose[1:] != whose[:-1])
    return Holders(codes[leads], whose[leads], texts, n_people)
