"""What a batch decided, as it is published again after a crash."""

import struct

from services.identity.domain.decisions import Decision, MessageDecision, decoded, without


def message(place: int, *nids: int) -> MessageDecision:
    kinds = bytes(1 if nid else 0 for nid in nids)
    return MessageDecision(place, struct.pack(f"<{len(nids)}I", *nids), kinds, [])


def test_events_of_people_who_were_erased_since_are_left_out() -> None:
    decision = Decision(9, 7, 2, [], [message(8, 1, 2, 0, 3), message(9, 4)])
    kept = without(decoded(decision.encoded()), {2, 4})
    assert kept.messages == [message(8, 1, 0, 0, 3), message(9, 0)]
    assert [each.counted for each in kept.messages] == [2, 0]


def test_nothing_changes_while_nobody_of_it_was_erased() -> None:
    decision = Decision(9, 7, 2, [], [message(8, 1, 2, 0, 3)])
    assert without(decision, set()) == without(decision, {5}) == decision
