"""A preview's tree as one SQL statement over flat events: conditional aggregates a person, then counts.

The same text for ClickHouse and DuckDB. What needs products or categories one by one is grouped once more.
"""

from dataclasses import dataclass, field

from bench.insight.flat import AHEAD_MS, DAY_MS
from bench.insight.history import ADDED, ORDERED, REMOVED, VIEWED
from services.insight.domain.genes.facts import Rules
from services.insight.domain.genes.open_pairs import IDLE_MS
from services.insight.domain.segments.tree import (
    All,
    AnyOf,
    Compare,
    Contains,
    DaysAgo,
    GeneCondition,
    Node,
    Not,
    OneOf,
    Window,
    walk,
)

_HALF_LIFE_DAYS = 30
_WEIGHTS = f"case did when {VIEWED} then 1 when {ADDED} then 3 else 5 end"


@dataclass
class Statement:
    """Gathers what a tree's conditions need of each person."""

    now_ms: int
    _columns: dict[str, str] = field(default_factory=dict)
    _more: dict[str, str] = field(default_factory=dict)

    def sql(self, tree: Node) -> str:
        """One row: how many people there are, then of each node in the order of `walk`."""
        counts = [f"count(*) filter (where {self._of(node)})" for _, node in walk(tree)]
        columns = "".join(f", {sql} as {name}" for name, sql in self._columns.items())
        parts = [f"people as (select person, max(member) as member{columns} from bench_flat group by person)"]
        parts += [f"{name} as ({sql})" for name, sql in self._more.items()]
        joined = "".join(f" left join {name} on {name}.person = people.person" for name in self._more)
        return f"with {', '.join(parts)} select count(*), {', '.join(counts)} from people{joined}"

    @property
    def today(self) -> int:
        """The local day as a number since 1970."""
        return (self.now_ms + AHEAD_MS) // DAY_MS

    def _of(self, node: Node) -> str:
        match node:
            case All(nodes):
                return "(" + " and ".join(self._of(each) for each in nodes) + ")"
            case AnyOf(nodes):
                return "(" + " or ".join(self._of(each) for each in nodes) + ")"
            case Not(inner):
                return f"not {self._of(inner)}"
            case GeneCondition(gene, OneOf(values)):
                return self._named(gene, values)
            case GeneCondition("viewed_categories", Contains(values=values), window):
                return self._viewed(values, window)
            case GeneCondition("abandoned_cart", _, window):
                return self._carted(window)
            case GeneCondition(gene, Compare(op, value), window):
                return f"coalesce({self._number(gene, window)} {op} {value}, false)"
            case _:
                raise TypeError(f"no SQL for {node}")

    def _number(self, gene: str, window: Window | None) -> str:
        match gene:
            case "sessions":
                return self._sum("begins_session", self._inside(window))
            case "orders":
                return self._sum("1", f"did = {ORDERED} and {self._inside(window)}")
            case "days_since_order":
                return f"({self.today} - {self._column(f'max(day) filter (where did = {ORDERED})')})"
            case "spend_percentile":
                return self._percentile(window)
            case _:
                raise TypeError(f"no SQL for {gene}")

    def _percentile(self, window: Window | None) -> str:
        orders = self._sum("1", f"did = {ORDERED} and {self._inside(window)}")
        spend = self._sum("revenue", f"did = {ORDERED} and {self._inside(window)}")
        ranked = (
            f"select person, round(100 * cume_dist() over (order by {spend}), 6) as percent, 1 as there "
            f"from people where {orders} > 0"
        )
        name = self._joined("spenders", ranked)
        return f"case when {name}.there = 1 then {name}.percent else -1 end"

    def _named(self, gene: str, values: tuple[str, ...]) -> str:
        listed = ", ".join(f"'{value}'" for value in values)
        if gene == "member_stage":
            return f"({self._stage()} in ({listed}))"
        scores = (
            f"select person, category, round(sum({_WEIGHTS} * pow(0.5, ({self.today} - day) / "
            f"{float(_HALF_LIFE_DAYS)})), 6) as score, max(at_ms) as newest from bench_flat "
            f"where did in ({VIEWED}, {ADDED}, {ORDERED}) group by person, category"
        )
        ranked = (
            "select person, category, row_number() over (partition by person "
            f"order by score desc, newest desc, category) as place from ({scores}) as scored"
        )
        name = self._joined(
            "liked", f"select person, category, 1 as there from ({ranked}) as r where place = 1"
        )
        return f"(coalesce({name}.there, 0) = 1 and {name}.category in ({listed}))"

    def _stage(self) -> str:
        orders = self._sum("1", f"did = {ORDERED}")
        last, rules = self._column(f"max(day) filter (where did = {ORDERED})"), Rules()
        recent = f"{orders} >= {rules.loyal_orders} and {last} >= {self.today - rules.loyal_days + 1}"
        return (
            f"case when {recent} then 'loyal' when {orders} >= 2 then 'repeat' "
            f"when {orders} = 1 then 'first_time' when member = 1 then 'member' else 'visitor' end"
        )

    def _viewed(self, values: tuple[str, ...], window: Window | None) -> str:
        below = " or ".join(f"category = '{value}' or category like '{value} > %'" for value in values)
        return f"({self._sum('1', f'did = {VIEWED} and {self._inside(window)} and ({below})')} > 0)"

    def _carted(self, window: Window | None) -> str:
        ordered = (
            "select person, product, max(at_ms) as at_ms, 1 as there from bench_flat "
            f"where did = {ORDERED} group by person, product"
        )
        left = (
            "select c.person as person, c.product as product, max(c.at_ms) as newest, max(c.day) as day "
            f"from bench_flat as c left join ({ordered}) as o "
            "on o.person = c.person and o.product = c.product "
            f"where c.did in ({ADDED}, {REMOVED}) and (coalesce(o.there, 0) = 0 or c.at_ms > o.at_ms) "
            f"group by c.person, c.product having sum(case when c.did = {ADDED} then c.quantity "
            "else -c.quantity end) > 0"
        )
        inside = f"newest <= {self.now_ms - IDLE_MS} and {self._inside(window)}"
        sql = f"select person, 1 as there from ({left}) as l where {inside} group by person"
        return f"(coalesce({self._joined('carts', sql)}.there, 0) = 1)"

    def _inside(self, window: Window | None) -> str:
        assert isinstance(window, DaysAgo)
        return f"day between {self.today - window.first} and {self.today - window.last}"

    def _sum(self, what: str, where: str) -> str:
        return self._column(f"coalesce(sum({what}) filter (where {where}), 0)")

    def _column(self, sql: str) -> str:
        for name, known in self._columns.items():
            if known == sql:
                return name
        name = f"v{len(self._columns)}"
        self._columns[name] = sql
        return name

    def _joined(self, kind: str, sql: str) -> str:
        name = f"{kind}{len(self._more)}"
        self._more[name] = sql
        return name
