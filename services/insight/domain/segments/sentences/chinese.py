"""Conditions as a Taiwanese marketer says them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from services.insight.domain.catalogue import GENE_BY_ID, ValueType, Words
from services.insight.domain.segments import tree
from services.insight.domain.segments.sentences.grammar import Grammar, Names, number, percent, some
from services.insight.domain.segments.tree import Condition, Mode, Op, Test, Window

_COMPARED = {Op.EQ: "為", Op.NE: "不是", Op.LT: "少於", Op.LE: "最多", Op.GT: "超過", Op.GE: "至少"}
_RELATIONS = {"before": "早於", "after": "晚於", "on": "為"}
_DID = {
    "page": "瀏覽網頁",
    "screen": "瀏覽 App 畫面",
    "product_viewed": "瀏覽商品",
    "product_list_viewed": "瀏覽商品列表",
    "products_searched": "站內搜尋",
    "product_added": "加入購物車",
    "product_removed": "移出購物車",
    "cart_viewed": "查看購物車",
    "checkout_started": "開始結帳",
    "order_completed": "下訂單",
    "wishlist_added": "加入收藏",
    "product_shared": "分享商品",
    "product_reviewed": "評價商品",
    "article_read": "閱讀文章",
    "signed_up": "註冊",
    "signed_in": "登入",
    "message_opened": "開啟訊息",
    "message_clicked": "點擊訊息",
}


def _condition(node: Condition, names: Names) -> str:
    match node:
        case tree.GeneCondition(_, _, _, tree.DaysAgo() | tree.Dates() as as_of):
            return f"截至{_day(as_of)}，{_gene(node, names)}"
        case tree.GeneCondition():
            return _gene(node, names)
        case tree.AttributeCondition(name, test):
            return _value(f"會員屬性{_quoted(name)}", test, _Kind())
        case tree.ExternalCondition():
            return _external(node, names)
        case tree.EventCondition(step, window, times):
            return _event(step, window, times)
        case tree.GoalCondition(id_, window, times):
            return _times(f"達成目標{_quoted(names.goals.get(id_, id_))}", window, times)
        case tree.SequenceCondition(first, then, within_days, window, absent):
            later = f"之後 {within_days} 天內{'未' if absent else '曾'}{_did(then)}{_where(then)}"
            return f"{_window(window)}曾{_did(first)}{_where(first)}，{later}"
        case tree.InSegment(id_):
            return f"屬於客群{_quoted(names.segments.get(id_, id_))}"
        case tree.InSnapshot(id_):
            return f"在客群快照{_quoted(names.snapshots.get(id_, id_))}中"
        case tree.InList(id_):
            return f"在名單{_quoted(names.lists.get(id_, id_))}中"


CHINESE = Grammar(
    condition=_condition,
    both="，且",
    either="，或",
    but_not="，但排除",
    nor="、",
    negated="不符合",
    opening="（",
    closing="）",
    stop="。",
)


class _Kind:
    """How values of a gene, an attribute or a property are written."""

    def __init__(
        self,
        kind: ValueType | None = None,
        unit: str = "",
        currency: str = "",
        choices: Mapping[str, Words] | None = None,
    ) -> None:
        self.is_list = kind in (ValueType.LIST, ValueType.KEYWORDS, ValueType.PRODUCTS)
        self.is_number = kind in (ValueType.NUMBER, ValueType.MONEY, ValueType.RATIO)
        self._kind = kind
        self._unit = unit
        self._currency = currency
        self._choices = choices or {}

    def number(self, value: Decimal) -> str:
        if self._kind is ValueType.RATIO:
            return f" {percent(value)}"
        if self._kind is ValueType.MONEY:
            return f" {number(value)} 元" if self._currency == "TWD" else f" {self._currency} {number(value)}"
        return f" {number(value)} {self._unit}".rstrip()

    def text(self, value: str) -> str:
        return self._choices[value].zh if value in self._choices else _quoted(value)


def _gene(node: tree.GeneCondition, names: Names) -> str:
    gene = GENE_BY_ID[node.gene]
    kind = _Kind(gene.type, gene.unit.zh, names.currency, gene.choices)
    window = "" if node.window is None else _window(node.window)
    match node.test:
        case tree.Known(negated) if kind.is_list:
            return f"{window}{'沒有' if negated else '有'}{gene.name.zh}"
        case tree.ValueOf(key, test):
            return _value(f"對{_quoted(key)}的{gene.name.zh}", test, kind)
        case tree.Trend(key, rising):
            return f"對{_quoted(key)}的{gene.name.zh}{'升溫' if rising else '降溫'}"
        case test:
            # What the name says in brackets, the value says too.
            return _value(window + gene.name.zh.partition("（")[0], test, kind)


def _external(node: tree.ExternalCondition, names: Names) -> str:
    known = names.external.get(node.gene)
    kind = _Kind(known.type, known.unit, names.currency) if known else _Kind()
    what = f"外部基因{_quoted(known.name.zh if known else node.gene)}"
    match node.test:
        case tree.Changed(days, before, after):
            way = "" if before is None else f"由{_said(before, kind)}"
            way += "改變" if after is None else f"變為{_said(after, kind)}"
            return f"{what}在最近 {days} 天內{way}"
        case test:
            return _value(what, test, kind)


def _said(value: str, kind: _Kind) -> str:
    return kind.number(Decimal(value)) if kind.is_number else kind.text(value)


def _event(step: tree.EventStep, window: Window, times: tree.Compare | tree.Between) -> str:
    return _times(f"{_did(step)}{_where(step)}", window, times)


def _times(did: str, window: Window, times: tree.Compare | tree.Between) -> str:
    when = _window(window)
    match times:
        case tree.Compare(Op.GE, value) if value == 1:
            return f"{when}曾{did}"
        case tree.Compare(Op.EQ, value) if value == 0:
            return f"{when}不曾{did}"
        case _:
            return _value(f"{when}{did}", times, _Kind(unit="次"))


def _did(step: tree.EventStep) -> str:
    return _DID.get(step.event) or f"觸發{_quoted(step.event)}"


def _where(step: tree.EventStep) -> str:
    if not step.where:
        return ""
    return f"（{'，且'.join(_value(_quoted(one.path), one.test, _Kind()) for one in step.where)}）"


def _window(window: Window) -> str:
    match window:
        case tree.DaysAgo(0, 0):
            return "今天"
        case tree.DaysAgo(1, 1):
            return "昨天"
        case tree.DaysAgo(first, 0):
            return f"最近 {first + 1} 天"
        case tree.DaysAgo(first, last):
            return f"{first} 天前當天" if first == last else f"{first} 至 {last} 天前"
        case tree.Dates(first_on, last_on):
            return _date(first_on) if first_on == last_on else f"{_date(first_on)}至 {_date(last_on)}"
        case tree.AllTime():
            return "歷來"


def _day(as_of: tree.DaysAgo | tree.Dates) -> str:
    """The one day that a gene is told of."""
    match as_of:
        case tree.DaysAgo(1):
            return "昨天"
        case tree.DaysAgo(days):
            return f" {days} 天前"
        case tree.Dates(on):
            return f" {_date(on)}"


def _date(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _value(what: str, test: Test, kind: _Kind) -> str:
    match test:
        case tree.Compare(op, value):
            return f"{what}{_COMPARED[op]}{kind.number(value)}"
        case tree.Between(low, high):
            return f"{what}介於{kind.number(low)}至{kind.number(high)}"
        case tree.AgainstYardstick(above, of):
            return f"{what}{'高於' if above else '低於'}全體{'平均' if of == 'mean' else '中位數'}"
        case tree.Share(top, share):
            return f"{what}{'居前' if top else '居後'} {number(share)}%"
        case tree.OneOf(values, negated):
            return f"{what}{'不是' if negated else '是'}{_either([kind.text(one) for one in values])}"
        case tree.Contains():
            return what + _contains(test, [kind.text(one) for one in test.values])
        case tree.ValueOf(key, inner):
            return _value(f"{what}的{_quoted(key)}", inner, kind)
        case tree.Trend(key, rising):
            return f"{what}的{_quoted(key)}{'升溫' if rising else '降溫'}"
        case tree.Known(negated):
            return f"{what}{'未知' if negated else '已知'}"
        case _:
            return what + _dated(test)


def _dated(test: tree.OnDate | tree.DaysSince | tree.AnniversaryWithin | tree.InMonth) -> str:
    match test:
        case tree.OnDate(relation, on):
            return f"{_RELATIONS[relation]} {_date(on)}"
        case tree.DaysSince(days, more):
            return f"距今超過 {days} 天" if more else f"在最近 {days} 天內"
        case tree.AnniversaryWithin(days):
            return f"的週年在 {days} 天內" if days else "的週年就在今天"
        case tree.InMonth(month):
            return f"在 {month} 月"


def _contains(test: tree.Contains, values: Sequence[str]) -> str:
    ending = "字樣" if test.part else "分類的商品" if test.by_category else ""
    match test.mode:
        case Mode.ANY:
            return f"包含{_either(values)}{ending}"
        case Mode.ALL:
            return f"{'同時' if len(values) > 1 else ''}包含{_list(values, '和')}{ending}"
        case Mode.NONE:
            return f"不含{_either(values)}{ending}"


def _either(values: Sequence[str]) -> str:
    return _list(values, "或")


def _list(values: Sequence[str], word: str) -> str:
    told, n_values = some(values)
    if n_values:
        return f"{'、'.join(told)}等 {n_values} 項{'之一' if word == '或' else ''}"
    return word.join(["、".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0]


def _quoted(text: str) -> str:
    return f"「{text.replace('「', '『').replace('」', '』')}」"
