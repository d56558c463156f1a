"""gRPC in."""

from services.insight.api.insight_api import InsightApi
from services.insight.api.lists import ListsApi

__all__ = ["InsightApi", "ListsApi"]
