"""Failures of reports and of what advertising cost."""

from chassis.errors import Conflict, InvalidArgument


class ReportTooWide(Conflict):
    """Ask for fewer periods or rows, or again in a minute, when the people are in memory."""

    reason = "REPORT_TOO_WIDE"


class ReportNotValid(InvalidArgument):
    """Ask for what `detail` allows."""

    reason = "REPORT_NOT_VALID"


class AdCostNotValid(InvalidArgument):
    """Send one amount of 0 or more a day, in a currency of three letters; `field` says which is wrong."""

    reason = "AD_COST_NOT_VALID"
