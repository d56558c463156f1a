"""What the events of a batch say of consents and addresses, about the identifiers they name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.identity.domain.arrivals import SERVER, Sifted
from services.identity.domain.consent import Statement
from services.identity.domain.identifiers import Identifier, Rules, Unusable, normalised

# (time in UTC milliseconds, message id, undeliverable); of those about one address the greatest counts.
Report = tuple[int, str, bool]


def statements(batch: Iterable[Sifted], numbers: Mapping[Identifier, int]) -> list[Statement]:
    """Of every event that counts, about each of its identifiers; all of them have numbers by now."""
    found: list[Statement] = []
    for message in batch:
        if message.arrivals.said:
            named = dict(message.named)
            for row in message.arrivals.said:
                if message.fresh[row]:
                    found.extend(_statements(message, row, _nids(message, row, named, numbers)))
    return found


def _nids(
    message: Sifted,
    row: int,
    named: Mapping[int, Sequence[Identifier]],
    numbers: Mapping[Identifier, int],
) -> list[int]:
    identifiers = named.get(row)
    if identifiers is not None:
        return [numbers[identifier] for identifier in identifiers]
    only = message.nids[row]
    assert only is not None  # an event that counts and was not named has its number at hand
    return [only]


def _statements(message: Sifted, row: int, nids: Sequence[int]) -> Iterator[Statement]:
    arrivals = message.arrivals
    trusted = arrivals.source_kinds[row] == SERVER or row in arrivals.verified
    for said in arrivals.said[row]:
        for nid in nids:
            yield Statement(
                nid,
                said.purpose,
                said.granted,
                arrivals.timestamps_ms[row],
                said.source,
                trusted,
                arrivals.message_ids[row],
            )


def reports(batch: Iterable[Sifted], rules: Rules) -> dict[Identifier, Report]:
    """Of each address the last report in the batch; only servers speak of addresses."""
    last: dict[Identifier, Report] = {}
    for message in batch:
        arrivals = message.arrivals
        for row, said in arrivals.reports.items():
            if not message.fresh[row] or arrivals.source_kinds[row] != SERVER:
                continue
            for one in said:
                address = _address(one.identifier, rules)
                report = (arrivals.timestamps_ms[row], arrivals.message_ids[row], not one.deliverable)
                if address is not None and report > last.get(address, (-1, "", False)):
                    last[address] = report
    return last


def _address(identifier: Identifier, rules: Rules) -> Identifier | None:
    """None for what no identifier can be."""
    kind, value = identifier
    try:
        text = normalised(kind, value, rules)
    except Unusable:
        return None
    return None if text is None else (kind, text)
