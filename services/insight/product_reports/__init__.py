"""Reports on products and searches: what people viewed, left in carts and searched for, and did not order."""

from services.insight.product_reports.products import (
    Page,
    ProductQuery,
    ProductReport,
    ProductReports,
    Reported,
)
from services.insight.product_reports.searches import SearchQuery, SearchReport, SearchReports

__all__ = [
    "Page",
    "ProductQuery",
    "ProductReport",
    "ProductReports",
    "Reported",
    "SearchQuery",
    "SearchReport",
    "SearchReports",
]
