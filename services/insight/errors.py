"""Every failure insight promises; a docstring is what to do about it."""

from chassis.errors import Conflict, InvalidArgument, NotFound


class TimeZoneNotKnown(InvalidArgument):
    """Send an IANA name such as Asia/Taipei."""

    reason = "TIME_ZONE_NOT_KNOWN"


class CurrencyNotValid(InvalidArgument):
    """Send three capital letters of ISO 4217 such as TWD."""

    reason = "CURRENCY_NOT_VALID"


class RetentionNotValid(InvalidArgument):
    """Send at most 36,500 days; 0 keeps events for ever."""

    reason = "RETENTION_NOT_VALID"


class GeneRulesNotValid(InvalidArgument):
    """Send rules within the limits that the message names."""

    reason = "GENE_RULES_NOT_VALID"


class ErasureIdNotValid(InvalidArgument):
    """Send the UUID that the erasure was asked for with."""

    reason = "ERASURE_ID_NOT_VALID"


class RangeNotValid(InvalidArgument):
    """Send ISO dates, the first not after the last, at most 800 days."""

    reason = "RANGE_NOT_VALID"


class TooManyProfiles(InvalidArgument):
    """Ask for at most 200 profiles at once."""

    reason = "TOO_MANY_PROFILES"


class PageSizeNotValid(InvalidArgument):
    """Ask for 1 to 200 entries a page."""

    reason = "PAGE_SIZE_NOT_VALID"


class PageTokenNotValid(InvalidArgument):
    """Send the token of the page before, unchanged, or none."""

    reason = "PAGE_TOKEN_NOT_VALID"


class SearchTooShort(InvalidArgument):
    """Search for at least two characters."""

    reason = "SEARCH_TOO_SHORT"


class TreeNotReadable(InvalidArgument):
    """Send a tree in which every node says exactly one thing; `path` leads to the one that does not."""

    reason = "TREE_NOT_READABLE"


class SegmentNotValid(InvalidArgument):
    """Correct every one of `problems`: JSON with each one's path, field, code, what is wrong and the fix.

    An answer's headers are bounded: `problems_left_off` counts those that did not fit.
    """

    reason = "SEGMENT_NOT_VALID"


class GeneNotKnown(InvalidArgument):
    """Name a gene of the catalogue (ListGenes), with a window where it takes one."""

    reason = "GENE_NOT_KNOWN"


class NoYardstick(InvalidArgument):
    """Ask for a gene of type number, money or ratio: of others nothing is above the mean."""

    reason = "NO_YARDSTICK"


class ProfileNotFound(NotFound):
    """Check the profile's id: of merged profiles the survivor's. It needs an event that was counted."""

    reason = "PROFILE_NOT_FOUND"


class DayNotValid(InvalidArgument):
    """Send an ISO date of a day that is over, or none for now."""

    reason = "DAY_NOT_VALID"


class ListNotFound(NotFound):
    """Take an id from the lists of people; it belongs to one tenant only."""

    reason = "LIST_NOT_FOUND"


class ListTextNotValid(InvalidArgument):
    """Send a name of 1 to 200 characters and a description of at most 2,000, without NUL characters."""

    reason = "LIST_TEXT_NOT_VALID"


class ListNameTaken(Conflict):
    """Choose another name. Case and ways to write an accent make no difference."""

    reason = "LIST_NAME_TAKEN"


class ListInUse(Conflict):
    """Change the segments in `used_by` first, so that they do without the list."""

    reason = "LIST_IN_USE"


class ListChangeNotValid(InvalidArgument):
    """Send UUIDs, a mode, and at most 20,000 numbers of identifiers a part."""

    reason = "LIST_CHANGE_NOT_VALID"


class NothingToRestore(Conflict):
    """Only the version before the present one is kept, once there is one."""

    reason = "NOTHING_TO_RESTORE"


class AttributeNotValid(InvalidArgument):
    """Send the name of an attribute, at most 500 characters, and one of the types."""

    reason = "ATTRIBUTE_NOT_VALID"


class TooManyAttributeTypes(Conflict):
    """Let some attributes have the type that their values tell: `limit` may have one of their own."""

    reason = "TOO_MANY_ATTRIBUTE_TYPES"


class StreamDoesNotFit(Conflict):
    """The event store and identity's stream are not of one piece: one was restored or removed alone.

    Restore both from the same backup, or start both empty and replay.
    """

    reason = "STREAM_DOES_NOT_FIT"


class SegmentNotFound(NotFound):
    """Take an id from the list of segments; this one is another tenant's, was deleted, or never was."""

    reason = "SEGMENT_NOT_FOUND"


class SegmentVersionNotFound(NotFound):
    """Take a number from the segment's list of versions."""

    reason = "SEGMENT_VERSION_NOT_FOUND"


class SnapshotNotFound(NotFound):
    """Take an id from a segment's list of snapshots."""

    reason = "SNAPSHOT_NOT_FOUND"


class SegmentTextNotValid(InvalidArgument):
    """Send a name of 1 to 200 characters; folder, description, owner and note as long as `limit` says."""

    reason = "SEGMENT_TEXT_NOT_VALID"


class SegmentNameTaken(Conflict):
    """Choose another name: `segment_id` has this one. Case and ways to write an accent make no difference."""

    reason = "SEGMENT_NAME_TAKEN"


class SegmentChanged(Conflict):
    """Somebody saved a newer version: read `version`, put your change on top of it, and send that."""

    reason = "SEGMENT_CHANGED"


class SegmentInUse(Conflict):
    """Change the segments in `used_by` first, so that they do without it."""

    reason = "SEGMENT_IN_USE"


class SegmentCycle(Conflict):
    """Name no segment that names this one, directly or through others; `way` is the circle."""

    reason = "SEGMENT_CYCLE"


class SegmentsTooDeep(Conflict):
    """Put conditions of some of the segments into this one, so that fewer name one another."""

    reason = "SEGMENTS_TOO_DEEP"


class TooManySegments(Conflict):
    """Delete segments that nobody needs; archived ones count as well."""

    reason = "TOO_MANY_SEGMENTS"


class SegmentTooSlow(Conflict):
    """A live segment took too long to evaluate: it rests, and is tried again by itself.

    Put fewer conditions on events and sequences into it, or shorter windows.
    """

    reason = "SEGMENT_TOO_SLOW"


class TooManyColumns(InvalidArgument):
    """Ask for at most 20 genes beside each person."""

    reason = "TOO_MANY_COLUMNS"


class TooManySnapshots(Conflict):
    """Delete snapshots of this segment that nobody needs."""

    reason = "TOO_MANY_SNAPSHOTS"


class SegmentListNotValid(InvalidArgument):
    """Sort by name, changed or created; search for at most 200 characters."""

    reason = "SEGMENT_LIST_NOT_VALID"


class ReportTooWide(Conflict):
    """Ask for fewer periods or rows: `limit` conditions are allowed until the tenant is in memory."""

    reason = "REPORT_TOO_WIDE"


class OverlapNotValid(InvalidArgument):
    """Compare 1 to 8 sets of people; save large trees as segments and compare those."""

    reason = "OVERLAP_NOT_VALID"


class GoalNotFound(NotFound):
    """Choose one of GET /v1/goals; without a goal an order counts."""

    reason = "GOAL_NOT_FOUND"


class GoalTextNotValid(InvalidArgument):
    """Shorten the text, or remove what cannot be shown."""

    reason = "GOAL_TEXT_NOT_VALID"


class GoalIdNotValid(InvalidArgument):
    """Send a UUID of your choice, and the same when the call is repeated."""

    reason = "GOAL_ID_NOT_VALID"


class GoalNameTaken(Conflict):
    """Choose another name, or change the goal `goal_id`."""

    reason = "GOAL_NAME_TAKEN"


class GoalInUse(Conflict):
    """Take the goal out of the segments in `used_by` first."""

    reason = "GOAL_IN_USE"


class TooManyGoals(Conflict):
    """Delete goals that nobody needs."""

    reason = "TOO_MANY_GOALS"


class ExternalGeneNotFound(NotFound):
    """Choose one of GET /v1/external-genes."""

    reason = "EXTERNAL_GENE_NOT_FOUND"


class ExternalGeneNotValid(InvalidArgument):
    """Correct `field`: a type and an origin that exist, names in both languages, texts within limits."""

    reason = "EXTERNAL_GENE_NOT_VALID"


class ExternalGeneNameTaken(Conflict):
    """Choose another name, or change the gene that has it."""

    reason = "EXTERNAL_GENE_NAME_TAKEN"


class ExternalGeneInUse(Conflict):
    """Take the gene out of the segments in `used_by` first."""

    reason = "EXTERNAL_GENE_IN_USE"


class TooManyExternalGenes(Conflict):
    """Delete genes that nobody needs."""

    reason = "TOO_MANY_EXTERNAL_GENES"


class ExternalChangeNotValid(InvalidArgument):
    """Send at most 20,000 rows at once, UUIDs as ids, and say whether to merge, replace or remove."""

    reason = "EXTERNAL_CHANGE_NOT_VALID"


class TooManyExternalValues(Conflict):
    """Bring fewer people or fewer different texts: `limit` is the most that one gene holds."""

    reason = "TOO_MANY_EXTERNAL_VALUES"


class ReportNotValid(InvalidArgument):
    """Ask for what the message allows."""

    reason = "REPORT_NOT_VALID"


class AdCostNotValid(InvalidArgument):
    """Send one amount of 0 or more a day, in a currency of three letters; `field` says which is wrong."""

    reason = "AD_COST_NOT_VALID"


class ProductReportNotValid(InvalidArgument):
    """Send a window, an order and filters within the limits that the message names."""

    reason = "PRODUCT_REPORT_NOT_VALID"
