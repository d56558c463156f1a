"""Who was erased: what they did before must not bring them back."""

from collections.abc import Iterable

from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Identifier, Rules, Unusable, normalised


class Erased:
    """Fingerprints of a tenant's erased identifiers, each with the time of its newest erasure.

    An event that happened before that time is of the erased person, however late it arrives: held up on its
    way, from a device that was offline, or out of an imported file. So is one that had been received by then,
    whatever its own clock said. What happens afterwards is somebody new.
    """

    def __init__(self, tenant_id: str) -> None:
        self._tenant_id = tenant_id
        self._until_ms: dict[bytes, int] = {}
        # No event after it needs a look.
        self.newest_ms = -1

    def __bool__(self) -> bool:
        return self.newest_ms >= 0

    def add(self, fingerprints: Iterable[bytes], requested_at_ms: int) -> None:
        for each in fingerprints:
            self._until_ms[each] = max(requested_at_ms, self._until_ms.get(each, 0))
            self.newest_ms = max(self.newest_ms, requested_at_ms)

    def names_one(self, claimed: Iterable[Identifier], occurred_at_ms: int, rules: Rules) -> bool:
        """Whether an event at that time, with these identifiers as claimed, is of somebody erased."""
        if occurred_at_ms > self.newest_ms:
            return False
        for kind, value in claimed:
            try:
                text = normalised(kind, value, rules)
            except Unusable:
                continue
            if text is not None:
                until_ms = self._until_ms.get(fingerprint(self._tenant_id, (kind, text)), -1)
                if occurred_at_ms <= until_ms:
                    return True
        return False
