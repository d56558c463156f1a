"""A tree says in words exactly what it asks, in both languages."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given

from services.insight.domain.catalogue import ValueType, Words
from services.insight.domain.segments.sentences import External, Language, Names, sentence
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AllTime,
    AnniversaryWithin,
    AnyOf,
    AttributeCondition,
    Between,
    Changed,
    Compare,
    Contains,
    Dates,
    DaysAgo,
    DaysSince,
    Difference,
    EventCondition,
    EventStep,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InMonth,
    InSegment,
    InSnapshot,
    Known,
    Mode,
    Node,
    Not,
    OnDate,
    OneOf,
    Op,
    PropertyTest,
    SequenceCondition,
    Share,
    Trend,
    ValueOf,
    children,
    last_days,
    walk,
)
from tests.unit.insight.segment_trees import TREES

SEGMENT, SNAPSHOT, LIST = (f"0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f000{n}" for n in (1, 2, 3))
GOAL, TIER, SCORE = (f"0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f000{n}" for n in (4, 5, 6))
NAMES = Names(
    {SEGMENT: "高價值熟客"},
    {SNAPSHOT: "雙 11 前"},
    {LIST: "VIP 名單"},
    {GOAL: "預約試乘"},
    {
        TIER: External(Words("會員等級", "Tier"), ValueType.CATEGORY),
        SCORE: External(Words("流失機率", "Churn risk"), ValueType.RATIO),
    },
)


def at_least(value: str) -> Compare:
    return Compare(Op.GE, Decimal(value))


LOYAL = GeneCondition("member_stage", OneOf(("repeat", "loyal")))
ORDERS = GeneCondition("orders", at_least("3"), last_days(90))
SLEPT = GeneCondition("nes_state", OneOf(("s1", "s2")), as_of=Dates(date(2026, 3, 1), date(2026, 3, 1)))
GONE = GeneCondition("days_since_order", Compare(Op.GT, Decimal(90)))
CART = GeneCondition("abandoned_cart", Known(), last_days(14))
VIEWED = EventStep("product_viewed", (PropertyTest("price", at_least("1000")),))

TOLD: list[tuple[Node, str, str]] = [
    (ORDERS, "最近 90 天訂單數至少 3 筆。", "Has at least 3 orders in the last 90 days."),
    (
        All((SLEPT, GeneCondition("nes_state", OneOf(("e0",))))),
        "（截至 2026 年 3 月 1 日，顧客動態 NES是S1 瞌睡客或S2 半睡客），且顧客動態 NES是E0 主力客。",
        "(as of 1 March 2026, customer dynamics NES is S1 drowsy or S2 half asleep), "
        "and customer dynamics NES is E0 existing.",
    ),
    (
        replace(ORDERS, as_of=DaysAgo(30, 30)),
        "截至 30 天前，最近 90 天訂單數至少 3 筆。",
        "As of 30 days ago, has at least 3 orders in the last 90 days.",
    ),
    (
        LOYAL,
        "會員階段是回購客或熟客。",
        "Member stage is repeat buyer or loyal customer.",
    ),
    (
        All((LOYAL, CART)),
        "會員階段是回購客或熟客，且最近 14 天有購物車未結帳商品。",
        "Member stage is repeat buyer or loyal customer, "
        "and abandoned cart in the last 14 days is not empty.",
    ),
    (
        All((ORDERS, AnyOf((GONE, Not(CART))))),
        "最近 90 天訂單數至少 3 筆，"
        "且（距上次消費天數超過 90 天，或不符合（最近 14 天有購物車未結帳商品））。",
        "Has at least 3 orders in the last 90 days, and (days since last order is more than 90 days, "
        "or not (abandoned cart in the last 14 days is not empty)).",
    ),
    (
        Difference((InSegment(SEGMENT), InList(LIST), InSnapshot(SNAPSHOT))),
        "屬於客群「高價值熟客」，但排除（在名單「VIP 名單」中）、（在客群快照「雙 11 前」中）。",
        "In segment “高價值熟客”, but not (in list “VIP 名單”) or (in snapshot “雙 11 前”).",
    ),
    (
        GoalCondition(GOAL, last_days(30), at_least("2")),
        "最近 30 天達成目標「預約試乘」至少 2 次。",
        "Reached goal “預約試乘” at least 2 times in the last 30 days.",
    ),
    (
        ExternalCondition(SCORE, at_least("0.8")),
        "外部基因「流失機率」至少 80%。",
        "External gene “Churn risk” is at least 80%.",
    ),
    (
        ExternalCondition(TIER, Changed(30, "金卡", "銀卡")),
        "外部基因「會員等級」在最近 30 天內由「金卡」變為「銀卡」。",
        "External gene “Tier” changed from “金卡” to “銀卡” within the last 30 days.",
    ),
    (
        ExternalCondition(SCORE, Changed(1, after="0.9")),
        "外部基因「流失機率」在最近 1 天內變為 90%。",
        "External gene “Churn risk” changed to 90% within the last 1 day.",
    ),
    (
        ExternalCondition(TIER, Changed(7)),
        "外部基因「會員等級」在最近 7 天內改變。",
        "External gene “Tier” changed within the last 7 days.",
    ),
    (
        GeneCondition("revenue", Between(Decimal("1000.50"), Decimal(20000)), AllTime()),
        "歷來消費金額介於 1,000.5 元至 20,000 元。",
        "Revenue ever is between NT$1,000.5 and NT$20,000.",
    ),
    (
        GeneCondition("avg_order_value", AgainstYardstick(True, "mean"), last_days(365)),
        "最近 365 天平均客單價高於全體平均。",
        "Average order value in the last 365 days is above everybody's mean.",
    ),
    (
        GeneCondition("revenue", Share(True, Decimal(20)), Dates(date(2026, 1, 1), date(2026, 6, 30))),
        "2026 年 1 月 1 日至 2026 年 6 月 30 日消費金額居前 20%。",
        "Revenue from 1 January 2026 to 30 June 2026 is in the top 20%.",
    ),
    (
        GeneCondition("discount_ratio", at_least("0.35"), last_days(365)),
        "最近 365 天折扣佔比至少 35%。",
        "Discount dependence in the last 365 days is at least 35%.",
    ),
    (
        GeneCondition("avg_visit_minutes", at_least("5"), DaysAgo(1, 1)),
        "昨天平均停留時間至少 5 分鐘。",
        "Average visit length yesterday is at least 5 minutes.",
    ),
    (
        GeneCondition("viewed_categories", Contains(Mode.NONE, ("保養", "彩妝")), DaysAgo(60, 31)),
        "60 至 31 天前瀏覽過的商品分類不含「保養」或「彩妝」。",
        "Viewed categories from 60 to 31 days ago does not contain “保養” or “彩妝”.",
    ),
    (
        GeneCondition("search_keywords", Contains(Mode.ANY, ("防曬",), part=True), last_days(1)),
        "今天站內搜尋字詞包含「防曬」字樣。",
        "Search keywords today contains a part of a term: “防曬”.",
    ),
    (
        GeneCondition("visit_weekdays", Contains(Mode.ALL, ("6", "7")), last_days(30)),
        "最近 30 天造訪日同時包含星期六和星期日。",
        "Visit weekdays in the last 30 days contains Saturday and Sunday.",
    ),
    (
        GeneCondition("interest_strength", ValueOf("保養", at_least("60"))),
        "對「保養」的興趣強度至少 60 分。",
        "Interest strength in “保養” is at least 60 points.",
    ),
    (
        GeneCondition("interest_strength", Trend("保養", rising=False)),
        "對「保養」的興趣強度降溫。",
        "Interest strength in “保養” is falling.",
    ),
    (
        GeneCondition("first_seen_on", DaysSince(30)),
        "首次接觸日在最近 30 天內。",
        "First seen is within the last 30 days.",
    ),
    (
        GeneCondition("member_since_on", AnniversaryWithin(0)),
        "入會日的週年就在今天。",
        "Member since has its anniversary today.",
    ),
    (
        All((AttributeCondition("city", OneOf(("台北市",))), AttributeCondition("birthday", InMonth(5)))),
        "會員屬性「city」是「台北市」，且會員屬性「birthday」在 5 月。",
        "Attribute “city” is “台北市”, and attribute “birthday” is in May.",
    ),
    (
        AttributeCondition("expires", OnDate("before", date(2026, 12, 31))),
        "會員屬性「expires」早於 2026 年 12 月 31 日。",
        "Attribute “expires” is before 31 December 2026.",
    ),
    (
        EventCondition(VIEWED, last_days(7), Compare(Op.GE, Decimal(1))),
        "最近 7 天曾瀏覽商品（「price」至少 1,000）。",
        "Viewed a product (where “price” is at least 1,000) in the last 7 days.",
    ),
    (
        EventCondition(EventStep("預約試乘"), AllTime(), Compare(Op.EQ, Decimal(0))),
        "歷來不曾觸發「預約試乘」。",
        "Never did “預約試乘” ever.",
    ),
    (
        EventCondition(EventStep("order_completed"), last_days(30), Between(Decimal(1), Decimal(2))),
        "最近 30 天下訂單介於 1 次至 2 次。",
        "Placed an order 1 to 2 times in the last 30 days.",
    ),
    (
        All(
            (
                LOYAL,
                SequenceCondition(
                    EventStep("product_added"), EventStep("order_completed"), 3, last_days(30), absent=True
                ),
            )
        ),
        "會員階段是回購客或熟客，且（最近 30 天曾加入購物車，之後 3 天內未下訂單）。",
        "Member stage is repeat buyer or loyal customer, and (put something in the cart in the last 30 days, "
        "and then never placed an order within 3 days).",
    ),
]


@pytest.mark.parametrize(("root", "zh", "en"), TOLD, ids=[en for _, _, en in TOLD])
def test_a_tree_says_what_a_marketer_would_say(root: Node, zh: str, en: str) -> None:
    assert sentence(root, "zh-TW", NAMES) == zh
    assert sentence(root, "en", NAMES) == en


def test_money_is_in_the_tenants_currency() -> None:
    node = GeneCondition("revenue", at_least("3000"), last_days(30))
    names = Names(currency="JPY")
    assert sentence(node, "zh-TW", names) == "最近 30 天消費金額至少 JPY 3,000。"
    assert sentence(node, "en", names) == "Revenue in the last 30 days is at least JPY 3,000."


def test_of_many_values_a_few_are_told_and_how_many_there_are() -> None:
    node = AttributeCondition("city", OneOf(tuple("甲乙丙丁戊己")))
    assert sentence(node, "zh-TW") == "會員屬性「city」是「甲」、「乙」、「丙」等 6 項之一。"
    assert sentence(node, "en") == "Attribute “city” is one of 6 values such as “甲”, “乙”, “丙”."


QUOTED: dict[Language, tuple[str, str, str]] = {
    "zh-TW": (r"「[^」]*」", "（）", "。"),
    "en": (r"“[^”]*”", "()", "."),
}


@given(TREES)
def test_every_valid_tree_has_a_sentence_with_balanced_brackets_and_each_condition(root: Node) -> None:
    for language, (quoted, brackets, stop) in QUOTED.items():
        told = sentence(root, language)
        outside = re.sub(quoted, "", told)
        assert is_balanced(outside, *brackets), told
        assert told.endswith(stop) and "\n" not in told
        for _, node in walk(root):
            if not children(node):
                alone = sentence(node, language).removesuffix(stop)
                assert alone.casefold() in told.casefold()


def is_balanced(text: str, opening: str, closing: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == opening) - (character == closing)
        if depth < 0:
            return False
    return depth == 0
