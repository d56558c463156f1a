"""Segments that every new tenant begins with, by what its own people do: none holds a copied average."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnyOf,
    Compare,
    EventCondition,
    EventStep,
    GeneCondition,
    Known,
    Node,
    OneOf,
    Op,
    Share,
    last_days,
)

_YEAR = last_days(365)
_NEVER = Compare(Op.EQ, Decimal(0))
_ONCE_OR_MORE = Compare(Op.GE, Decimal(1))
_ABOVE_MEAN = AgainstYardstick(above=True, of="mean")


@dataclass(frozen=True, slots=True)
class Text:
    """The same in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Starter:
    """A segment to begin with; `key` is a promise: never renamed, never reused."""

    key: str
    folder: Text
    name: Text
    description: Text
    tree: Node


_ACTIVITY = Text("活躍", "Activity")
_POTENTIAL = Text("潛力", "Potential")
_VALUE = Text("價值", "Value")
_CORE = Text("核心", "Core")
_INTENT = Text("意圖", "Intent")
_LIFECYCLE = Text("會員生命週期", "Lifecycle")


def _visited(days: int) -> Node:
    return GeneCondition("active_days", _ONCE_OR_MORE, last_days(days))


def _no_order(days: int) -> Node:
    return GeneCondition("orders", _NEVER, last_days(days))


def _activity() -> Iterator[Starter]:
    states = (
        ("active", Text("活躍訪客", "Active"), Text("最近仍常造訪", "Visited lately")),
        ("slowing", Text("趨緩訪客", "Slowing"), Text("造訪開始變少", "Visits have become rare")),
        ("dormant", Text("久未造訪", "Dormant"), Text("已有一段時間未造訪", "No visit for some time")),
        ("lost", Text("流失訪客", "Lost"), Text("很久沒有造訪", "No visit for a long time")),
    )
    for state, name, description in states:
        condition = GeneCondition("activity_state", OneOf((state,)))
        yield Starter(f"activity.{state}", _ACTIVITY, name, description, condition)


def _potential() -> Iterator[Starter]:
    for days in (1, 7, 30, 90):
        yield Starter(
            f"potential.{days}",
            _POTENTIAL,
            Text(f"{days} 天內造訪未下單", f"Visited in {days} days without an order"),
            Text(
                f"最近 {days} 天曾造訪，期間沒有訂單",
                f"A visit in the last {days} days, and no order in these days",
            ),
            All((_visited(days), _no_order(days))),
        )


def _value() -> Iterator[Starter]:
    # A person's own orders are split at the second one, which is what coming back means: the mean of all
    # people's orders counts those who never bought, and lies below one in most shops. The mean order value
    # is of buyers only.
    often = Compare(Op.GE, Decimal(2))
    seldom = Compare(Op.EQ, Decimal(1))
    high, low = _ABOVE_MEAN, AgainstYardstick(above=False, of="mean")
    quadrants = (
        ("often_high", Text("多次高額", "Often, high value"), often, high),
        ("often_low", Text("多次低額", "Often, low value"), often, low),
        ("seldom_high", Text("單次高額", "Once, high value"), seldom, high),
        ("seldom_low", Text("單次低額", "Once, low value"), seldom, low),
    )
    for key, name, orders, spend in quadrants:
        yield Starter(
            f"value.{key}",
            _VALUE,
            name,
            Text(
                "一年內訂單數與平均客單價：客單價與所有買家的平均相比",
                "Orders in a year by their average value, compared with the mean of all buyers",
            ),
            All(
                (
                    GeneCondition("orders", orders, _YEAR),
                    GeneCondition("avg_order_value", spend, _YEAR),
                )
            ),
        )


def _core() -> Iterator[Starter]:
    attentive = GeneCondition("avg_visit_minutes", _ABOVE_MEAN, last_days(90))

    def best(percent: int) -> Node:
        # Of buyers: everybody else's percentile is unknown.
        return GeneCondition("spend_percentile", Share(top=True, percent=Decimal(percent)), _YEAR)

    yield Starter(
        "core.recent_attentive",
        _CORE,
        Text("近期專注買家", "Recent attentive buyers"),
        Text(
            "30 天內有訂單，且停留時間高於平均",
            "An order in 30 days, and longer visits than the mean visitor",
        ),
        All((GeneCondition("orders", _ONCE_OR_MORE, last_days(30)), attentive)),
    )
    yield Starter(
        "core.best_unseen",
        _CORE,
        Text("高消費久未見", "Top spenders not seen lately"),
        Text(
            "消費前 20%，30 天內沒有造訪也沒有訂單",
            "Top 20 % of spend, neither a visit nor an order in 30 days",
        ),
        All((best(20), GeneCondition("active_days", _NEVER, last_days(30)), _no_order(30))),
    )
    yield Starter(
        "core.best_attentive",
        _CORE,
        Text("高消費且專注", "Top spenders and attentive"),
        Text("消費前 20%，且停留時間高於平均", "Top 20 % of spend, and longer visits than the mean visitor"),
        All((best(20), attentive)),
    )
    yield Starter(
        "core.best",
        _CORE,
        Text("頂級消費", "Top spenders"),
        Text("一年內消費前 5%", "Top 5 % of spend in a year"),
        best(5),
    )


def _intent() -> Iterator[Starter]:
    fortnight = last_days(14)
    yield Starter(
        "intent.cart",
        _INTENT,
        Text("購物車未結帳", "Abandoned cart"),
        Text("14 天內放入購物車而未結帳", "A cart of the last 14 days that was not ordered"),
        GeneCondition("abandoned_cart", Known(), fortnight),
    )
    yield Starter(
        "intent.viewed",
        _INTENT,
        Text("瀏覽未購", "Viewed, not bought"),
        Text("14 天內看過商品而未購買", "Viewed a product in 14 days and did not buy it"),
        GeneCondition("viewed_not_bought", Known(), fortnight),
    )
    yield Starter(
        "intent.searched",
        _INTENT,
        Text("搜尋未購", "Searched, not bought"),
        Text("14 天內搜尋過，期間沒有訂單", "A search in the last 14 days, and no order in these days"),
        All((GeneCondition("search_keywords", Known(), fortnight), _no_order(14))),
    )


def _lifecycle() -> Iterator[Starter]:
    stages = (
        ("visitor", Text("訪客", "Visitors"), Text("尚未成為會員，也沒有訂單", "No member, no order")),
        (
            "member",
            Text("未購會員", "Members without an order"),
            Text("會員，尚無訂單", "A member, no order"),
        ),
        ("first_time", Text("首購客", "First-time buyers"), Text("一筆訂單", "One order")),
        ("repeat", Text("回購客", "Repeat buyers"), Text("兩筆以上訂單", "Two orders or more")),
        (
            "loyal",
            Text("熟客", "Loyal customers"),
            Text("常買且最近仍有訂單", "Many orders, one of them lately"),
        ),
    )
    for stage, name, description in stages:
        condition = GeneCondition("member_stage", OneOf((stage,)))
        yield Starter(f"lifecycle.{stage}", _LIFECYCLE, name, description, condition)
    told = ("product_shared", "product_reviewed", "Referral")
    yield Starter(
        "lifecycle.fan",
        _LIFECYCLE,
        Text("粉絲", "Fans"),
        Text(
            "一年內曾分享、評論或推薦的熟客",
            "Loyal, and shared, reviewed or referred something within a year",
        ),
        All(
            (
                GeneCondition("member_stage", OneOf(("loyal",))),
                AnyOf(tuple(EventCondition(EventStep(event), _YEAR) for event in told)),
            )
        ),
    )


STARTERS = (*_activity(), *_potential(), *_value(), *_core(), *_intent(), *_lifecycle())
