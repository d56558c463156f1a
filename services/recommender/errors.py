"""Every failure the recommender service promises."""

from chassis.errors import Conflict


class PositionTaken(Conflict):
    """Another process follows the stream with our database; one of the two must end."""

    reason = "POSITION_TAKEN"
