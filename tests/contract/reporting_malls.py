"""Who reports on people in a mall, by memory or by the store alone."""

from services.insight.compiled import CompiledEvaluator
from services.insight.goals import Goals
from services.insight.population import Population
from services.insight.reporting.number import Counter
from services.insight.reporting.people_reports import PeopleReports
from services.insight.reporting.reading import Reading
from services.insight.store.ad_costs import AdCosts
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.goals import GoalStore
from services.insight.store.report_facts import ReportFacts
from tests.contract.evaluator_shops import Mall


def people_reports(mall: Mall, memory_mb: int) -> tuple[PeopleReports, CompiledEvaluator]:
    """And who counts trees in memory. Of 0 MB nobody is there."""
    stored = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    population = Population(mall.clickhouse, mall.tenants, memory_mb)
    kept = CompiledEvaluator(population, stored, mall.shelf)
    reading = Reading(population, kept, ReportFacts(mall.clickhouse, mall.tenants))
    counter = Counter(kept, stored)
    made = PeopleReports(
        counter,
        stored,
        reading,
        tenants=mall.tenants,
        goals=Goals(GoalStore(mall.postgres)),
        ad_costs=AdCosts(mall.postgres),
    )
    return made, kept
