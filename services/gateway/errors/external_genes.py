"""Failures of goals and external genes."""

from chassis.errors import Conflict, InvalidArgument, NotFound


class GoalNotFound(NotFound):
    """Choose one of GET /v1/goals; without a goal an order counts."""

    reason = "GOAL_NOT_FOUND"


class GoalTextNotValid(InvalidArgument):
    """Shorten the text, or remove what cannot be shown."""

    reason = "GOAL_TEXT_NOT_VALID"


class GoalNameTaken(Conflict):
    """Choose another name, or change the goal `goal_id`. Case makes no difference."""

    reason = "GOAL_NAME_TAKEN"


class GoalInUse(Conflict):
    """Take the goal out of the segments in `used_by` first."""

    reason = "GOAL_IN_USE"


class TooManyGoals(Conflict):
    """Delete goals that nobody needs: there may be `limit`."""

    reason = "TOO_MANY_GOALS"


class ExternalGeneNotFound(NotFound):
    """Choose one of GET /v1/external-genes."""

    reason = "EXTERNAL_GENE_NOT_FOUND"


class ExternalGeneNotValid(InvalidArgument):
    """Correct `field`: names in both languages, texts within their limits, at most 20 figures."""

    reason = "EXTERNAL_GENE_NOT_VALID"


class ExternalGeneNameTaken(Conflict):
    """Choose another Chinese name, or change the gene `gene_id`. Case makes no difference."""

    reason = "EXTERNAL_GENE_NAME_TAKEN"


class ExternalGeneInUse(Conflict):
    """Take the gene out of the segments in `used_by` first."""

    reason = "EXTERNAL_GENE_IN_USE"


class TooManyExternalGenes(Conflict):
    """Delete external genes that nobody needs: there may be `limit`."""

    reason = "TOO_MANY_EXTERNAL_GENES"


class TooManyExternalValues(Conflict):
    """Bring fewer people or fewer different texts: one gene holds at most `limit`."""

    reason = "TOO_MANY_EXTERNAL_VALUES"
