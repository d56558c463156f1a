"""What genes are computed from: one tenant's facts as columns, read by compiled loops.

`store/` reads them, `population.py` keeps them in memory, the kernels beside this file never see SQL.
People are dense indexes 0..n-1 in the order of their profile ids. Every table is sorted by (person, at_ms,
place). Texts are codes of a dictionary of the tenant; code 0 is "not known". Money and quantities are
integers of 1/10,000.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.orders import CountingRule, Counts

# No value: of money, of a day, of a moment.
NOTHING = np.iinfo(np.int64).min
NO_DAY = np.iinfo(np.int32).min
UNIT = 10_000

U1 = NDArray[np.uint8]
U4 = NDArray[np.uint32]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]
Flags = NDArray[np.bool_]


class ItemAct(IntEnum):
    """What somebody did with a product.

    ORDERED: a line of an order as settled; one taken back has none. WAITING: likewise of one that does not
    count yet: what was ordered is neither open nor in the cart, but nothing was bought.
    """

    VIEWED = 1
    ADDED = 2
    REMOVED = 3
    ORDERED = 4
    WAITING = 5


class WordKind(IntEnum):
    """What a word of a person is."""

    # The term as searched, NFKC and casefolded, spaces collapsed.
    SEARCHED = 1
    # Topics of articles read, as sent, trimmed.
    TOPIC = 2
    # Channels of gene 30: web, app, store, marketplace, call; email, line, sms, push when clicked.
    CHANNEL = 3


@dataclass(frozen=True, slots=True)
class Acts:
    """Visit events."""

    person: U4
    at_ms: I8
    # Whether it is a page or screen view.
    page_view: Flags


@dataclass(frozen=True, slots=True)
class Items:
    """What people did with products; orders' lines carry the moment of their order."""

    person: U4
    at_ms: I8
    act: U1
    product: U4
    category: U4
    brand: U4
    quantity: I8
    # Whether it is the first line of its event: those are the events.
    leads: Flags


@dataclass(frozen=True, slots=True)
class Orders:
    """Settled orders that count (domain/orders.py) in the tenant's currency; those taken back are not here.

    `revenue` is NOTHING for an order whose money is unknown or could not be converted. Rows that are no order
    but negative revenue of an unmatched refund have `is_order` false.
    """

    person: U4
    at_ms: I8
    is_order: Flags
    revenue: I8
    discount: I8
    # Sum of list price x quantity; 0 where nothing named one.
    list_value: I8


@dataclass(frozen=True, slots=True)
class Words:
    """Searches, topics and channels, by WordKind."""

    person: U4
    at_ms: I8
    kind: U1
    word: U4


@dataclass(frozen=True, slots=True)
class People:
    """One entry a person."""

    profile_id: U4
    member: Flags
    # The earliest event of any kind, deleted ones included where that was kept; NOTHING without.
    first_at_ms: I8
    # Earliest of signed_up, the createdAt trait, the first event with a user id; NOTHING without.
    member_since_ms: I8
    # Code of a source: "google / cpc" or "google" by utm; else search, social, referral, direct, offline.
    first_source: U4
    # Bit i: reachable by `Facts.channels[i]`.
    reachable: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone as its offsets: from `since_ms[i]` on, local time is UTC plus `offset_ms[i]`."""

    since_ms: I8
    offset_ms: I8


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the kernels read."""

    people: People
    acts: Acts
    items: Items
    orders: Orders
    words: Words
    zone: Zone
    # By code; entry 0 is "". Categories are full paths "a > b > c".
    products: Sequence[str]
    categories: Sequence[str]
    brands: Sequence[str]
    words_by_code: Sequence[str]
    sources: Sequence[str]
    channels: Sequence[str]
    # By code of a product: the category that the tenant's dictionary has for it, for product lists asked by
    # category. 0 or beyond the end: none.
    product_category: U4 = field(default_factory=lambda: np.zeros(0, np.uint32))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tenant decides about its genes."""

    session_minutes: int = 30
    # Days since the last visit at which somebody is slowing, dormant, lost.
    slowing_days: int = 7
    dormant_days: int = 30
    lost_days: int = 90
    loyal_orders: int = 5
    loyal_days: int = 365
    # Whether `price` of a line is what was paid, or the list price.
    price_after_discount: bool = True
    # When an order counts, and how many days goods can be given back.
    order_counts: Counts = Counts.PLACED
    return_days: int = 7

    def counting(self, zone: str) -> CountingRule:
        return CountingRule(self.order_counts, self.return_days, zone)
