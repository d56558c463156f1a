"""Failures of saved segments."""

from chassis.errors import Conflict, InvalidArgument, NotFound


class SegmentNotFound(NotFound):
    """Check the segment's id; it belongs to one tenant only. A tree may name one that was deleted."""

    reason = "SEGMENT_NOT_FOUND"


class SegmentVersionNotFound(NotFound):
    """Take a number from GET /v1/segments/{id}/versions."""

    reason = "SEGMENT_VERSION_NOT_FOUND"


class SegmentVersionMissing(InvalidArgument):
    """Send the version that you have read: as `version`, or its ETag as If-Match."""

    reason = "SEGMENT_VERSION_MISSING"


class SnapshotNotFound(NotFound):
    """Take an id from GET /v1/segments/{id}/snapshots."""

    reason = "SNAPSHOT_NOT_FOUND"


class SegmentTextNotValid(InvalidArgument):
    """Send a name of 1 to 200 characters in one line; the other texts are as long as `limit` says."""

    reason = "SEGMENT_TEXT_NOT_VALID"


class SegmentNameTaken(Conflict):
    """Choose another name: `segment_id` has this one. Case and ways to write an accent make no difference."""

    reason = "SEGMENT_NAME_TAKEN"


class SegmentChanged(Conflict):
    """Somebody saved a newer `version`: read it, put your change on top, and send that."""

    reason = "SEGMENT_CHANGED"


class SegmentInUse(Conflict):
    """Change the segments in `used_by` first, so that they do without this one."""

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


class TooManySnapshots(Conflict):
    """Delete snapshots of this segment that nobody needs."""

    reason = "TOO_MANY_SNAPSHOTS"


class SegmentTooSlow(Conflict):
    """A live segment took too long to evaluate: it rests, and is tried again by itself.

    Put fewer conditions on events and sequences into it, or shorter windows.
    """

    reason = "SEGMENT_TOO_SLOW"


class GeneColumnNotValid(InvalidArgument):
    """Write a gene's id, and behind a colon its window: `orders:30` is 30 days, `orders:all` all time."""

    reason = "GENE_COLUMN_NOT_VALID"


class ExportScheduleNotFound(NotFound):
    """Take an id from GET /v1/export-schedules; it belongs to one tenant only."""

    reason = "EXPORT_SCHEDULE_NOT_FOUND"


class ExportTimingNotValid(InvalidArgument):
    """Send `every` (day, week or month) and `hour`; a week needs `weekday`, a month `day_of_month`."""

    reason = "EXPORT_TIMING_NOT_VALID"


class TooManyExportSchedules(Conflict):
    """Delete schedules that nobody needs: `limit` may be there, paused ones too."""

    reason = "TOO_MANY_EXPORT_SCHEDULES"
