"""The campaign season 檔期 that a tenant's team looks at."""

from tests.service.gateway.conftest import Shop


async def test_the_team_looks_at_one_season(shop: Shop) -> None:
    async with shop.client() as client:
        before = (await client.get("/v1/tenant")).json()
        assert (before["season_on"], before["season_before_on"]) == (None, None)
        season = {"season_on": "2026-11-01", "season_before_on": "2025-11-01"}
        changed = await client.patch("/v1/tenant", json=season)
        assert changed.status_code == 200 and changed.json() == before | season
        for wrong in ({"season_on": None}, {"season_on": "2025-11-01"}, {"season_before_on": "some day"}):
            refused = await client.patch("/v1/tenant", json=wrong)
            assert refused.status_code == 400 and "season_" in refused.text, wrong
        [told] = (await client.get("/v1/audit?action=tenant.changed&limit=1")).json()["entries"]
        assert told["after"] == season
        assert (await client.patch("/v1/tenant", json=dict.fromkeys(season))).json() == before
