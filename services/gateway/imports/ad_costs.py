"""Costs of a file as insight takes them."""

from datetime import timedelta

from contracts.insight.v1 import people_reports_service_pb2 as pb

from services.gateway.domain.importing.ad_costs import Run


def replacing(run: Run, actor: str) -> pb.ReplaceAdCostsRequest:
    """Puts a run in the place of what its source cost on these days."""
    days = (run.first_on + timedelta(place) for place in range(len(run.costs)))
    return pb.ReplaceAdCostsRequest(
        source=run.source,
        from_on=run.first_on.isoformat(),
        to_on=run.last_on.isoformat(),
        costs=[
            pb.AdCost(on=on.isoformat(), amount=format(amount, "f"), currency=currency)
            for on, (amount, currency) in zip(days, run.costs, strict=True)
        ],
        actor=actor,
    )
