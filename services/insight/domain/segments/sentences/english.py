"""Conditions in plain English."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from services.insight.domain.catalogue import GENE_BY_ID, ValueType, Words
from services.insight.domain.segments import tree
from services.insight.domain.segments.sentences.grammar import Grammar, Names, number, percent, some
from services.insight.domain.segments.tree import Condition, Mode, Op, Test, Window

_COMPARED = {
    Op.EQ: "exactly",
    Op.NE: "not",
    Op.LT: "less than",
    Op.LE: "at most",
    Op.GT: "more than",
    Op.GE: "at least",
}
# Genes whose name is what they count: "at least 3 orders", not "orders are at least 3".
_COUNTED = frozenset({"active_days", "sessions", "page_views", "product_views", "orders"})
_DID = {
    "page": "viewed a page",
    "screen": "viewed a screen",
    "product_viewed": "viewed a product",
    "product_list_viewed": "viewed a product list",
    "products_searched": "searched the site",
    "product_added": "put something in the cart",
    "product_removed": "took something out of the cart",
    "cart_viewed": "viewed the cart",
    "checkout_started": "started a checkout",
    "order_completed": "placed an order",
    "wishlist_added": "added to the wishlist",
    "product_shared": "shared a product",
    "product_reviewed": "reviewed a product",
    "article_read": "read an article",
    "signed_up": "signed up",
    "signed_in": "signed in",
    "message_opened": "opened a message",
    "message_clicked": "clicked a message",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def _condition(node: Condition, names: Names) -> str:
    match node:
        case tree.GeneCondition(_, _, _, tree.DaysAgo() | tree.Dates() as as_of):
            return f"as of {_day(as_of)}, {_gene(node, names)}"
        case tree.GeneCondition():
            return _gene(node, names)
        case tree.AttributeCondition(name, test):
            return _value(f"attribute {_quoted(name)}", test, _Kind())
        case tree.ExternalCondition():
            return _external(node, names)
        case tree.EventCondition(step, window, times):
            return _event(step, window, times)
        case tree.GoalCondition(id_, window, times):
            return _times(f"reached goal {_quoted(names.goals.get(id_, id_))}", window, times)
        case tree.SequenceCondition(first, then, within_days, window, absent):
            days = f"within {_count(Decimal(within_days), 'days')}"
            later = f"and then {'never ' if absent else ''}{_did(then)}{_where(then)} {days}"
            return f"{_did(first)}{_where(first)} {_window(window)}, {later}"
        case tree.InSegment(id_):
            return f"in segment {_quoted(names.segments.get(id_, id_))}"
        case tree.InSnapshot(id_):
            return f"in snapshot {_quoted(names.snapshots.get(id_, id_))}"
        case tree.InList(id_):
            return f"in list {_quoted(names.lists.get(id_, id_))}"


ENGLISH = Grammar(
    condition=_condition,
    both=", and ",
    either=", or ",
    but_not=", but not ",
    nor=" or ",
    negated="not ",
    opening="(",
    closing=")",
    stop=".",
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
            return percent(value)
        if self._kind is ValueType.MONEY:
            return f"NT${number(value)}" if self._currency == "TWD" else f"{self._currency} {number(value)}"
        return _count(value, self._unit)

    def text(self, value: str) -> str:
        return self._choices[value].en if value in self._choices else _quoted(value)


def _count(value: Decimal, unit: str) -> str:
    return f"{number(value)} {unit.removesuffix('s') if value == 1 else unit}".rstrip()


def _gene(node: tree.GeneCondition, names: Names) -> str:
    gene = GENE_BY_ID[node.gene]
    kind = _Kind(gene.type, gene.unit.en, names.currency, gene.choices)
    name = gene.name.en[0].lower() + gene.name.en[1:]
    window = "" if node.window is None else f" {_window(node.window)}"
    match node.test:
        case tree.Compare(Op.EQ, value) if value == 0 and gene.id in _COUNTED:
            return f"has no {name}{window}"
        case tree.Compare(op, value) if gene.id in _COUNTED:
            return f"has {_COMPARED[op]} {_count(value, name)}{window}"
        case tree.Between(low, high) if gene.id in _COUNTED:
            return f"has {number(low)} to {_count(high, name)}{window}"
        case tree.Known(negated) if kind.is_list:
            return f"{name}{window} is {'empty' if negated else 'not empty'}"
        case tree.ValueOf(key, test):
            return _value(f"{name} in {_quoted(key)}", test, kind)
        case tree.Trend(key, rising):
            return f"{name} in {_quoted(key)} is {'rising' if rising else 'falling'}"
        case test:
            return _value(f"{name}{window}", test, kind)


def _external(node: tree.ExternalCondition, names: Names) -> str:
    known = names.external.get(node.gene)
    kind = _Kind(known.type, known.unit, names.currency) if known else _Kind()
    what = f"external gene {_quoted(known.name.en if known else node.gene)}"
    match node.test:
        case tree.Changed(days, before, after):
            way = "" if before is None else f" from {_said(before, kind)}"
            way += "" if after is None else f" to {_said(after, kind)}"
            return f"{what} changed{way} within the last {_count(Decimal(days), 'days')}"
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
            return f"{did} {when}"
        case tree.Compare(Op.EQ, value) if value == 0:
            return f"never {did} {when}"
        case tree.Compare(op, value):
            return f"{did} {_COMPARED[op]} {_count(value, 'times')} {when}"
        case tree.Between(low, high):
            return f"{did} {number(low)} to {_count(high, 'times')} {when}"


def _did(step: tree.EventStep) -> str:
    return _DID.get(step.event) or f"did {_quoted(step.event)}"


def _where(step: tree.EventStep) -> str:
    if not step.where:
        return ""
    return f" (where {' and '.join(_value(_quoted(one.path), one.test, _Kind()) for one in step.where)})"


def _window(window: Window) -> str:
    match window:
        case tree.DaysAgo(0, 0):
            return "today"
        case tree.DaysAgo(1, 1):
            return "yesterday"
        case tree.DaysAgo(first, 0):
            return f"in the last {first + 1} days"
        case tree.DaysAgo(first, last):
            when = f"on the day {first} days ago" if first == last else f"from {first} to {last} days ago"
            return when.replace(" 1 days", " 1 day")
        case tree.Dates(first_on, last_on):
            same = first_on == last_on
            return f"on {_date(first_on)}" if same else f"from {_date(first_on)} to {_date(last_on)}"
        case tree.AllTime():
            return "ever"


def _day(as_of: tree.DaysAgo | tree.Dates) -> str:
    """The one day that a gene is told of."""
    match as_of:
        case tree.DaysAgo(1):
            return "yesterday"
        case tree.DaysAgo(days):
            return f"{days} days ago"
        case tree.Dates(on):
            return _date(on)


def _date(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _value(what: str, test: Test, kind: _Kind) -> str:
    match test:
        case tree.Compare(op, value):
            return f"{what} is {_COMPARED[op]} {kind.number(value)}"
        case tree.Between(low, high):
            return f"{what} is between {kind.number(low)} and {kind.number(high)}"
        case tree.AgainstYardstick(above, of):
            return f"{what} is {'above' if above else 'below'} everybody's {of}"
        case tree.Share(top, share):
            return f"{what} is in the {'top' if top else 'bottom'} {number(share)}%"
        case tree.OneOf(values, negated):
            return f"{what} is {'not ' if negated else ''}{_list([kind.text(one) for one in values], 'or')}"
        case tree.Contains():
            return what + _contains(test, [kind.text(one) for one in test.values])
        case tree.ValueOf(key, inner):
            return _value(f"{what} of {_quoted(key)}", inner, kind)
        case tree.Trend(key, rising):
            return f"{what} of {_quoted(key)} is {'rising' if rising else 'falling'}"
        case tree.Known(negated):
            return f"{what} is {'unknown' if negated else 'known'}"
        case _:
            return what + _dated(test)


def _dated(test: tree.OnDate | tree.DaysSince | tree.AnniversaryWithin | tree.InMonth) -> str:
    match test:
        case tree.OnDate(relation, on):
            return f" is {relation} {_date(on)}"
        case tree.DaysSince(days, more):
            count = _count(Decimal(days), "days")
            return f" is more than {count} ago" if more else f" is within the last {count}"
        case tree.AnniversaryWithin(days):
            when = f"within {_count(Decimal(days), 'days')}" if days else "today"
            return f" has its anniversary {when}"
        case tree.InMonth(month):
            return f" is in {_MONTHS[month - 1]}"


def _contains(test: tree.Contains, values: Sequence[str]) -> str:
    what = " a part of a term:" if test.part else " a product of" if test.by_category else ""
    match test.mode:
        case Mode.ANY:
            return f" contains{what} {_list(values, 'or')}"
        case Mode.ALL:
            return f" contains{what} {_list(values, 'and')}"
        case Mode.NONE:
            return f" does not contain{what} {_list(values, 'or')}"


def _list(values: Sequence[str], word: str) -> str:
    told, n_values = some(values)
    if n_values:
        return f"{'one' if word == 'or' else 'all'} of {n_values} values such as {', '.join(told)}"
    return f" {word} ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0]


def _quoted(text: str) -> str:
    return f"“{text.replace('“', '‘').replace('”', '’')}”"
