"""Failures of files and imports."""

from chassis.errors import (
    Conflict,
    InvalidArgument,
    NotFound,
    Unavailable,
)


class FileTooLarge(InvalidArgument):
    """Send a smaller file, or several: `facts` has the limit. Nothing of this one was kept."""

    reason = "FILE_TOO_LARGE"

    @property
    def http_status(self) -> int:
        return 413


class FileNotTaken(InvalidArgument):
    """Send a CSV, JSON lines or Parquet file, plain or as gzip; the detail says what was found instead."""

    reason = "FILE_NOT_TAKEN"


class FileNotReadable(InvalidArgument):
    """Correct the file as the detail says, or name its format, encoding or delimiter, then send it again."""

    reason = "FILE_NOT_READABLE"


class ImportNotFound(NotFound):
    """Check the import's id; it belongs to one tenant only."""

    reason = "IMPORT_NOT_FOUND"


class ImportNotReady(Conflict):
    """Do the step before first: create, send the file, wait until it was read, map its columns, start."""

    reason = "IMPORT_NOT_READY"


class ImportStarted(Conflict):
    """An import that has been started does not change any more; make another one of the same file."""

    reason = "IMPORT_STARTED"


class TooManyImports(Conflict):
    """Start or delete imports whose files wait, then send another file."""

    reason = "TOO_MANY_IMPORTS"


class ImportMappingNotValid(InvalidArgument):
    """Change the mapping as the detail says; `columns` of the import lists what the file has."""

    reason = "IMPORT_MAPPING_NOT_VALID"


class FileNotThere(NotFound):
    """The file was never stored, or its days are over and it was deleted."""

    reason = "FILE_NOT_THERE"


class FilesUnavailable(Unavailable):
    """The file storage does not answer. Nothing is lost: wait for `Retry-After`, try again."""

    reason = "FILES_UNAVAILABLE"
