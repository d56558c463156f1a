"""Every failure the recommender service promises."""

from chassis.errors import Conflict, InvalidArgument


class PositionTaken(Conflict):
    """Another process follows the stream with our database; one of the two must end."""

    reason = "POSITION_TAKEN"


class TooManyProducts(InvalidArgument):
    """Put fewer products at once; `facts` has the limit."""

    reason = "TOO_MANY_PRODUCTS"


class PageSizeNotValid(InvalidArgument):
    """Ask for fewer products a page; `facts` has the limit."""

    reason = "PAGE_SIZE_NOT_VALID"


class PageTokenNotValid(InvalidArgument):
    """Send the token of the page before unchanged."""

    reason = "PAGE_TOKEN_NOT_VALID"


class QueryNotValid(InvalidArgument):
    """Look for at most 200 characters, none of them NUL."""

    reason = "QUERY_NOT_VALID"
