"""Whose events are dropped: those that name a suppressed identifier, whatever else they name."""

from collections.abc import Iterable

from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Identifier, Rules, Unusable, normalised


class Suppressed:
    """The fingerprints of a tenant's suppressed identifiers; `fingerprints` changes with the tables."""

    def __init__(self, tenant_id: str, fingerprints: set[bytes]) -> None:
        self._tenant_id = tenant_id
        self.fingerprints = fingerprints

    def __bool__(self) -> bool:
        return bool(self.fingerprints)

    def names_one(self, claimed: Iterable[Identifier], rules: Rules) -> bool:
        """Whether any of an event's identifiers, as claimed, is suppressed."""
        for kind, value in claimed:
            try:
                text = normalised(kind, value, rules)
            except Unusable:
                continue
            if text is not None and fingerprint(self._tenant_id, (kind, text)) in self.fingerprints:
                return True
        return False
