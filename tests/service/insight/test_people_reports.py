"""Reports on people through the service's door: every number is counted by hand from people_story."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from contracts.insight.v1 import goals_service_pb2 as goals_pb
from contracts.insight.v1 import goals_service_pb2_grpc as goals_grpc
from contracts.insight.v1 import people_reports_service_pb2 as pb
from contracts.insight.v1 import people_reports_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import segment_tree_pb2 as tree_pb

from chassis.errors import ExpectedError
from tests.service.insight.installation import ANONYMOUS_ID, USER_ID, Client, Sent, Shop
from tests.service.insight.people_story import TAIPEI, monday, noon, story
from tests.service.insight.segment_door import Door, orders


class Reports:
    """One tenant's door."""

    def __init__(self, client: Client, tenant_id: str) -> None:
        self._client = client
        self._tenant_id = tenant_id
        self._stub = pb_grpc.PeopleReportsServiceStub(client.rpc.channel)

    async def ask(self, request: Any) -> Any:
        name = type(request).__name__.removesuffix("Request")
        return await self._client.rpc.call(getattr(self._stub, name), request, tenant_id=self._tenant_id)

    async def refused(self, request: Any) -> str:
        with pytest.raises(ExpectedError) as refused:
            await self.ask(request)
        return refused.value.reason

    async def replace(self, source: str, first: date, last: date, costs: dict[date, str], code: str) -> Any:
        sent = [pb.AdCost(on=on.isoformat(), amount=cost, currency=code) for on, cost in costs.items()]
        days: dict[str, Any] = {"from_on": first.isoformat(), "to_on": last.isoformat()}
        return await self.ask(pb.ReplaceAdCostsRequest(source=source, costs=sent, actor="amy", **days))


@pytest.fixture
async def reports(shop: Shop) -> Reports:
    await shop.counted(await shop.send(*story()))
    return Reports(shop.client, shop.tenant_id)


async def test_the_funnel_counts_stages_and_the_days_of_steps(reports: Reports, shop: Shop) -> None:
    found = await reports.ask(pb.GetFunnelRequest())
    assert [(one.key, one.there.profiles, one.so_far.profiles) for one in found.stages] == [
        ("visitor", 1, 5),
        ("member", 1, 4),
        ("first_time", 2, 3),
        ("repeat", 1, 1),
        ("loyal", 0, 0),
        ("fan", 0, 0),
    ]
    assert [one.conversion for one in found.stages[1:4]] == pytest.approx([0.8, 0.75, 1 / 3])
    assert not found.stages[0].HasField("conversion")
    steps = {(one.start, one.end): one for one in found.steps}
    measured = {pair: (one.measured, one.waiting.profiles, one.median_days) for pair, one in steps.items()}
    assert measured == {
        ("visitor", "member"): (3, 2, 0.0),
        ("visitor", "first_time"): (3, 2, 0.0),
        ("member", "first_time"): (2, 1, 0.0),
        ("first_time", "repeat"): (1, 2, 7.0),
        ("repeat", "loyal"): (0, 1, 0.0),
    }
    # Of 0, 0 and 2 days.
    assert steps["visitor", "first_time"].upper_quartile_days == 1.0
    assert not steps["repeat", "loyal"].HasField("median_days")
    assert (found.everybody, found.as_of.watermark.position > 0) == (5, True)
    since = pb.ReportScope(first_seen_from=monday(1).isoformat())
    of_new = await reports.ask(pb.GetFunnelRequest(scope=since))
    assert [one.there.profiles for one in of_new.stages] == [1, 1, 0, 0, 0, 0]
    segment = await Door(shop.client, shop.tenant_id).create("Buyers", orders(1))
    scope = pb.ReportScope(segment_id=segment.segment_id)
    buyers = await reports.ask(pb.GetFunnelRequest(scope=scope))
    assert [one.so_far.profiles for one in buyers.stages] == [3, 3, 3, 1, 0, 0]
    stranger = Reports(shop.client, str(uuid.uuid4()))
    for request in (pb.GetFunnelRequest, pb.GetRetentionRequest, pb.ListTrafficSourcesRequest):
        assert await stranger.refused(request(scope=scope)) == "SEGMENT_NOT_FOUND"


async def test_cohorts_come_back_or_do_not(reports: Reports) -> None:
    asked: dict[str, Any] = {"unit": pb.PERIOD_UNIT_WEEK, "periods": 4}
    found = await reports.ask(pb.GetRetentionRequest(**asked))
    assert [[one.active.profiles for one in cohort.cells] for cohort in found.cohorts] == [
        [1, 1, 0, 1],
        [2, 0, 0],
        [0, 0],
        [0],
    ]
    assert [cohort.people.profiles for cohort in found.cohorts] == [1, 2, 0, 0]
    assert [one.share for one in found.cohorts[1].cells] == [1.0, 0.0, 0.0]
    assert not found.cohorts[2].cells[0].HasField("share")
    assert [cohort.period.complete for cohort in found.cohorts] == [True, True, True, False]
    members: dict[str, Any] = {"start": pb.COHORT_START_MEMBER_SINCE, "activity": pb.COHORT_ACTIVITY_VISIT}
    found = await reports.ask(pb.GetRetentionRequest(**asked, **members))
    assert [[one.active.profiles for one in cohort.cells] for cohort in found.cohorts] == [
        [1, 1, 0, 1],
        [0, 0, 1],
        [1, 0],
        [0],
    ]
    assert await reports.refused(pb.GetRetentionRequest(periods=25)) == "REPORT_NOT_VALID"
    nobodys = pb.GetRetentionRequest(activity=pb.COHORT_ACTIVITY_GOAL, goal=str(uuid.uuid4()))
    assert await reports.refused(nobodys) == "GOAL_NOT_FOUND"


async def test_a_goal_stands_in_the_place_of_the_order(reports: Reports, shop: Shop) -> None:
    # 2 books a test drive two weeks ago, 3 a week ago and now.
    booked = [(2, noon(2, days=3)), (3, noon(1, minutes=5)), (3, datetime.now(UTC))]
    kinds = {2: ANONYMOUS_ID, 3: USER_ID}
    events = [Sent(nid, "Test Drive Booked", at=at, nid_kind=kinds[nid]) for nid, at in booked]
    await shop.counted(await shop.send(*events))
    goals = goals_grpc.GoalsServiceStub(shop.client.rpc.channel)
    goal_id = str(uuid.uuid4())
    draft = goals_pb.GoalDraft(name="Test drive", step=tree_pb.EventStep(event="Test Drive Booked"))
    made = goals_pb.CreateGoalRequest(goal_id=goal_id, draft=draft, actor="amy")
    await shop.client.rpc.call(goals.CreateGoal, made, tenant_id=shop.tenant_id)
    found = await reports.ask(pb.GetFunnelRequest(goal=goal_id))
    assert [(one.there.profiles, one.so_far.profiles) for one in found.stages] == [
        (1, 5),
        (2, 4),
        (1, 2),
        (1, 1),
        (0, 0),
        (0, 0),
    ]
    assert [(one.start, one.end) for one in found.steps] == [("visitor", "member")]
    asked: dict[str, Any] = {"unit": pb.PERIOD_UNIT_WEEK, "periods": 4, "goal": goal_id}
    asked |= {"start": pb.COHORT_START_FIRST_GOAL, "activity": pb.COHORT_ACTIVITY_GOAL}
    cohorts = (await reports.ask(pb.GetRetentionRequest(**asked))).cohorts
    assert [[one.active.profiles for one in cohort.cells] for cohort in cohorts] == [
        [0, 0, 0, 0],
        [1, 0, 0],
        [1, 1],
        [0],
    ]
    stranger = Reports(shop.client, str(uuid.uuid4()))
    assert await stranger.refused(pb.GetFunnelRequest(goal=goal_id)) == "GOAL_NOT_FOUND"


def told(row: pb.TrafficSource) -> tuple[Any, ...]:
    people = (row.visitors.profiles, row.new_members.profiles, row.buyers.profiles)
    return (row.source, row.visits, *people, row.orders, row.revenue)


async def test_sources_say_what_became_of_their_people_and_what_they_cost(reports: Reports) -> None:
    first, last = monday(3), datetime.now(TAIPEI).date()
    costs = {first: "400", first + timedelta(7): "100.00"}
    for removed in (0, 2):
        answer = await reports.replace("google / cpc", first, last, costs, "TWD")
        assert (answer.removed, answer.stored) == (removed, 2)
    await reports.replace("facebook / cpc", first, last, {first: "50"}, "")
    await reports.replace("search", first, last, {first: "7"}, "USD")
    days: dict[str, Any] = {"from_on": first.isoformat(), "to_on": last.isoformat()}
    found = await reports.ask(pb.ListTrafficSourcesRequest(**days))
    assert [told(row) for row in found.sources] == [
        ("google / cpc", 5, 2, 1, 2, 4, "2000.00"),
        ("offline", 1, 1, 1, 1, 1, "400.00"),
        ("direct", 1, 1, 1, 0, 0, "0.00"),
        ("search", 1, 1, 0, 0, 0, "0.00"),
        ("facebook / cpc", 0, 0, 0, 0, 0, "0.00"),
    ]
    assert told(found.total) == ("", 8, 5, 3, 3, 5, "2400.00")
    ads = found.sources[0]
    assert (ads.cost.amount, ads.cost.days, ads.cost.per_visit) == ("500.00", 2, "100.00")
    assert (ads.cost.per_new_member, ads.cost.per_buyer, ads.cost.return_on_spend) == (
        "500.00",
        "250.00",
        "4.00",
    )
    assert (ads.average_order_value, ads.buyers_per_visitor) == ("500.00", 1.0)
    assert [row.HasField("cost") for row in found.sources] == [True, False, False, True, True]
    unconverted, unseen = found.sources[3].cost, found.sources[4].cost
    assert (unconverted.HasField("amount"), dict(unconverted.unconverted)) == (False, {"USD": "7.00"})
    assert (unseen.amount, unseen.HasField("per_visit"), unseen.return_on_spend) == ("50.00", False, "0.00")
    by_visit = pb.ListTrafficSourcesRequest(of=pb.SOURCE_OF_VISITS, page_size=2, **days)
    page = await reports.ask(by_visit)
    assert [told(row) for row in page.sources] == [
        ("direct", 5, 4, 3, 3, 5, "2400.00"),
        ("google / cpc", 2, 2, 1, 2, 4, "2000.00"),
    ]
    assert (page.source_count, told(page.total)) == (4, ("", 8, 5, 3, 3, 5, "2400.00"))
    assert not page.sources[0].visitors.HasField("tree") and page.total.visitors.HasField("tree")
    by_visit.page_token = page.next_page_token
    rest = await reports.ask(by_visit)
    assert ([row.source for row in rest.sources], rest.next_page_token) == (["search", "facebook / cpc"], "")
    assert rest.as_of.now == page.as_of.now
    elsewhere = pb.ListTrafficSourcesRequest(page_token=page.next_page_token, **days)
    assert await reports.refused(elsewhere) == "PAGE_TOKEN_NOT_VALID"


async def test_costs_are_listed_replaced_and_deleted(reports: Reports, insight: Client) -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    await reports.replace("google / cpc", first, last, {first: "1.5", last: "2"}, "USD")
    await reports.replace("line", first, last, {first: "3"}, "TWD")
    # A part of the days: what lies outside stays.
    await reports.replace("google / cpc", last, last, {}, "USD")
    page = await reports.ask(pb.ListAdCostsRequest(page_size=1))
    assert [(one.source, one.on, one.amount, one.currency) for one in page.costs] == [
        ("google / cpc", "2026-01-01", "1.50", "USD")
    ]
    rest = await reports.ask(pb.ListAdCostsRequest(page_size=1, page_token=page.next_page_token))
    assert ([one.source for one in rest.costs], rest.next_page_token) == (["line"], "")
    other = Reports(insight, str(uuid.uuid4()))
    assert list((await other.ask(pb.ListAdCostsRequest())).costs) == []
    gone = pb.DeleteAdCostsRequest(source="line", from_on="2026-01-01", to_on="2026-01-02")
    assert (await reports.ask(gone)).removed == 1
    assert [one.source for one in (await reports.ask(pb.ListAdCostsRequest())).costs] == ["google / cpc"]


@pytest.mark.parametrize(
    ("on", "amount", "currency"),
    (
        ("2026-01-01", "-1", ""),
        ("2026-01-01", "many", ""),
        ("2026-01-01", "1", "NT$"),
        ("2026-02-01", "1", ""),
    ),
)
async def test_a_cost_that_cannot_be_meant_is_refused(
    insight: Client, on: str, amount: str, currency: str
) -> None:
    reports = Reports(insight, str(uuid.uuid4()))
    cost = pb.AdCost(on=on, amount=amount, currency=currency)
    days: dict[str, Any] = {"from_on": "2026-01-01", "to_on": "2026-01-31"}
    sent = pb.ReplaceAdCostsRequest(source="google", costs=[cost], **days)
    assert await reports.refused(sent) == "AD_COST_NOT_VALID"
