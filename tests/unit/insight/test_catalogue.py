"""The catalogue is the table of the design: ids, names, types and windows never drift from it."""

import pytest

from services.insight.domain.catalogue import GENE_BY_ID, GENES, GROUPS, OPERATORS, TESTS, Gene, ValueType
from services.insight.domain.segments.tree import DaysAgo, Window
from services.insight.domain.segments.validation import problems_of

# As the design's table has them: number, id, 名稱, English, type, whether "N" (and its own default).
DESIGN = """
1  active_days          造訪天數             |Active days            |number   |N
2  sessions             造訪次數             |Sessions               |number   |N
3  page_views           瀏覽頁數             |Page views             |number   |N
4  avg_visit_minutes    平均停留時間（分鐘） |Average visit length   |number   |N
5  days_since_visit     距上次造訪天數       |Days since last visit  |number   |
6  visit_weekdays       造訪日（星期幾）     |Visit weekdays         |list     |N
7  visit_hours          造訪時段             |Visit hours            |list     |N
8  activity_state       造訪活躍度           |Visit activity         |category |
9  product_views        商品瀏覽次數         |Product views          |number   |N
10 viewed_categories    瀏覽過的商品分類     |Viewed categories      |list     |N
11 viewed_brands        瀏覽過的品牌         |Viewed brands          |list     |N
12 favourite_category   偏好商品分類         |Favourite category     |category |
13 interest_strength    興趣強度             |Interest strength      |map      |
14 search_keywords      站內搜尋字詞         |Search keywords        |keywords |N
15 viewed_not_bought    瀏覽未購商品         |Viewed, not bought     |products |N14
16 abandoned_cart       購物車未結帳商品     |Abandoned cart         |products |N14
17 content_topics       閱讀主題             |Content topics         |list     |N
18 orders               訂單數               |Orders                 |number   |N
19 revenue              消費金額             |Revenue                |money    |N
20 avg_order_value      平均客單價           |Average order value    |money    |N
21 spend_percentile     消費力 PR 值         |Spend percentile       |number   |N
22 days_since_order     距上次消費天數       |Days since last order  |number   |
23 bought_categories    購買過的商品分類     |Bought categories      |list     |N
24 purchase_cycle_days  回購週期             |Repurchase cycle       |number   |
25 discount_ratio       折扣佔比             |Discount dependence    |ratio    |N
26 first_seen_on        首次接觸日           |First seen             |date     |
27 member_since_on      入會日               |Member since           |date     |
28 member_stage         會員階段             |Member stage           |category |
29 first_source         首次流量來源         |First source           |category |
30 channels_used        互動管道             |Channels used          |list     |N
31 reachable_by         可發送管道           |Reachable by           |list     |
"""


def as_designed(line: str) -> tuple[int, str, str, str, str, bool]:
    number, gene_id, rest = line.split(maxsplit=2)
    zh, en, kind, window = (part.strip() for part in rest.split("|"))
    return int(number), gene_id, zh, en, kind, bool(window)


def test_the_31_genes_are_those_of_the_design() -> None:
    designed = [as_designed(line) for line in DESIGN.strip().splitlines()]
    assert len(designed) == 31
    assert designed == [
        (gene.number, gene.id, gene.name.zh, gene.name.en, gene.type.value, gene.windows is not None)
        for gene in GENES
    ]


def test_viewed_not_bought_looks_back_14_days_and_at_most_90() -> None:
    windows = GENE_BY_ID["viewed_not_bought"].windows
    assert windows is not None
    assert (windows.default_days, windows.max_days) == (14, 90)
    abandoned = GENE_BY_ID["abandoned_cart"].windows
    assert abandoned is not None
    assert (abandoned.default_days, abandoned.max_days) == (14, 730)


@pytest.mark.parametrize("gene", GENES, ids=lambda gene: gene.id)
def test_every_example_is_a_condition_that_makes_sense(gene: Gene) -> None:
    assert gene.example.gene == gene.id
    assert problems_of(gene.example) == []
    assert days_of(gene.example.window) == (gene.windows.default_days if gene.windows else None)


def days_of(window: Window | None) -> int | None:
    return window.first + 1 if isinstance(window, DaysAgo) else None


def test_every_type_has_its_operators_and_every_group_its_genes() -> None:
    assert set(TESTS) == set(OPERATORS) == set(ValueType)
    assert {gene.type for gene in GENES} == set(ValueType)
    assert {gene.group for gene in GENES} == set(GROUPS)


def test_the_states_are_those_of_the_design_in_its_order() -> None:
    activity, stages = GENE_BY_ID["activity_state"].choices, GENE_BY_ID["member_stage"].choices
    assert activity is not None and stages is not None
    assert [(key, words.zh) for key, words in activity.items()] == [
        ("active", "活躍"),
        ("slowing", "趨緩"),
        ("dormant", "久未造訪"),
        ("lost", "流失訪客"),
        ("never", "無線上紀錄"),
    ]
    assert [(key, words.zh) for key, words in stages.items()] == [
        ("visitor", "訪客"),
        ("member", "未購會員"),
        ("first_time", "首購客"),
        ("repeat", "回購客"),
        ("loyal", "熟客"),
    ]
