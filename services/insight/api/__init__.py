"""gRPC in."""

from services.insight.api.attributes import AttributesApi
from services.insight.api.event_sources import EventSourcesApi
from services.insight.api.external_genes import ExternalGenesApi
from services.insight.api.genes import GenesApi
from services.insight.api.goals import GoalsApi
from services.insight.api.insight_api import InsightApi
from services.insight.api.lists import ListsApi
from services.insight.api.overlaps import OverlapsApi
from services.insight.api.people_reports import PeopleReportsApi
from services.insight.api.product_reports import ProductReportsApi
from services.insight.api.segments import SegmentsApi
from services.insight.api.states import StatesApi

__all__ = [
    "AttributesApi",
    "EventSourcesApi",
    "ExternalGenesApi",
    "GenesApi",
    "GoalsApi",
    "InsightApi",
    "ListsApi",
    "OverlapsApi",
    "PeopleReportsApi",
    "ProductReportsApi",
    "SegmentsApi",
    "StatesApi",
]
