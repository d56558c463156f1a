"""Failures of lists and attributes of people."""

from chassis.errors import Conflict, InvalidArgument, NotFound


class ListNotFound(NotFound):
    """Check the list's id; it belongs to one tenant only."""

    reason = "LIST_NOT_FOUND"


class ListTextNotValid(InvalidArgument):
    """Send a name of 1 to 200 characters and a description of at most 2,000."""

    reason = "LIST_TEXT_NOT_VALID"


class ListNameTaken(Conflict):
    """Choose another name. Case and ways to write an accent make no difference."""

    reason = "LIST_NAME_TAKEN"


class ListInUse(Conflict):
    """Change the segments in `used_by` first, so that they do without the list."""

    reason = "LIST_IN_USE"


class NothingToRestore(Conflict):
    """Only the version before the present one is kept, once there is one."""

    reason = "NOTHING_TO_RESTORE"


class ImportOfAnotherKind(Conflict):
    """Files of kind `list` or `gene` are uploaded with `uploads` of that list or gene; others start here."""

    reason = "IMPORT_OF_ANOTHER_KIND"


class AttributeNotValid(InvalidArgument):
    """Send the name of an attribute, at most 500 characters, and one of the types."""

    reason = "ATTRIBUTE_NOT_VALID"


class TooManyAttributeTypes(Conflict):
    """Let some attributes have the type that their values tell: `limit` may have one of their own."""

    reason = "TOO_MANY_ATTRIBUTE_TYPES"
