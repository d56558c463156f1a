"""gRPC in."""

from services.insight.api.insight_api import InsightApi

__all__ = ["InsightApi"]
