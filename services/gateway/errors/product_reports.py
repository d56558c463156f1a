"""Failures of reports on products and searches."""

from chassis.errors import InvalidArgument


class ProductReportNotValid(InvalidArgument):
    """Send a window, an order and filters within the limits that `detail` names."""

    reason = "PRODUCT_REPORT_NOT_VALID"
