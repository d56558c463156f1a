"""Who can be reached, and by what: put together from identifiers, consents, suppressions and reports."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import asyncpg

from services.identity.domain.arrivals import Sifted
from services.identity.domain.consent import Consent, Heard, Statement, consents
from services.identity.domain.facts import ReachabilityChanged
from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Identifier, Rules
from services.identity.domain.people import Profile, ShownIdentifier
from services.identity.domain.reachability import (
    ADDRESS_KINDS,
    CHANNELS,
    UNREACHABLE,
    Address,
    Channel,
    channels,
)
from services.identity.domain.stated import reports, statements
from services.identity.store.lane import Lane
from services.identity.store.queries.consents import load_consents, save_lasting, save_statements
from services.identity.store.queries.known import load_nids
from services.identity.store.queries.reachability import (
    load_announced,
    load_people,
    load_undeliverable,
    save_announced,
    save_reports,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One person: what they agreed to, and how messages reach them."""

    profile_id: int
    consents: Sequence[Consent]
    channels: Sequence[Channel]
    suppressed: bool


async def load_contacts(
    connection: asyncpg.Connection, tenant_id: str, people: Sequence[Profile], suppressed: Collection[bytes]
) -> list[Contact]:
    """One for each of `people`; `suppressed` holds at least those fingerprints that are theirs."""
    addresses = [one for person in people for one in person.identifiers if one.kind in ADDRESS_KINDS]
    prints = {one.nid: fingerprint(tenant_id, (one.kind, one.value)) for one in addresses}
    undeliverable = (
        await load_undeliverable(connection, tenant_id, list(prints.values())) if prints else set()
    )
    nids = [one.nid for person in people for one in person.identifiers]
    said = await load_consents(connection, tenant_id, nids)
    returning = {nid for nid, print_ in prints.items() if print_ in undeliverable}
    return [_contact(tenant_id, person, said, returning, suppressed) for person in people]


def _contact(
    tenant_id: str,
    person: Profile,
    said: Mapping[int, Sequence[Statement]],
    undeliverable: Collection[int],
    suppressed: Collection[bytes],
) -> Contact:
    of_person = consents(
        statement for identifier in person.identifiers for statement in said.get(identifier.nid, ())
    )
    is_suppressed = bool(suppressed) and any(
        print_ in suppressed for print_ in fingerprints(tenant_id, person.identifiers)
    )
    addresses = [
        Address(one.nid, one.kind, one.value, one.first_seen_at_ms, one.nid not in undeliverable)
        for one in person.identifiers
        if one.kind in ADDRESS_KINDS
    ]
    found = channels(addresses, of_person, suppressed=is_suppressed)
    return Contact(person.profile_id, of_person, found, is_suppressed)


def fingerprints(tenant_id: str, identifiers: Iterable[ShownIdentifier]) -> list[bytes]:
    """Of each identifier, in the same order."""
    return [fingerprint(tenant_id, (one.kind, one.value)) for one in identifiers]


async def take_statements(
    connection: Lane, tenant_id: str, heard: Heard, said: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]]:
    """See Heard.take, with what the tables know."""
    unknown = heard.unknown(said)
    if unknown:
        known = await load_consents(connection, tenant_id, list(unknown))
        heard.remember(chain.from_iterable(known.values()))
    return heard.take(said)


async def record_said(
    connection: Lane,
    tenant_id: str,
    batch: Sequence[Sifted],
    numbers: Mapping[Identifier, int],
    *,
    rules: Rules,
    heard: Heard,
) -> set[int]:
    """Save what a batch's events say of consents and addresses, when all else of the batch is saved.

    The identifiers that may make somebody reachable otherwise than before.
    """
    touched: set[int] = set()
    said = statements(batch, numbers)
    if said:
        told, kept = await take_statements(connection, tenant_id, heard, said)
        await save_statements(connection, tenant_id, told)
        await save_lasting(connection, tenant_id, kept)
        touched = {one.nid for one in told if one.purpose in CHANNELS}
    reported = reports(batch, rules)
    if reported:
        by_print = {fingerprint(tenant_id, address): report for address, report in reported.items()}
        await save_reports(connection, tenant_id, by_print)
        touched |= set((await load_nids(connection, tenant_id, list(reported))).values())
    return touched


async def changed_reachability(
    connection: Lane, tenant_id: str, nids: Collection[int], suppressed: Collection[bytes]
) -> list[ReachabilityChanged]:
    """What is to be announced of everybody connected with `nids`, noted as announced.

    To be called when all else is saved, with every identifier that is new, moved or erased, or about which
    something was said. Whoever is reachable as before is left out; a profile that is no more is reachable
    by nothing.
    """
    if not nids:
        return []
    people = await load_people(connection, tenant_id, nids)
    now = {person.profile_id: UNREACHABLE for person in people}
    # Almost everybody has neither.
    reachable = [
        person
        for person in people
        if suppressed or any(one.kind in ADDRESS_KINDS for one in person.identifiers)
    ]
    if reachable:
        for contact in await load_contacts(connection, tenant_id, reachable, suppressed):
            now[contact.profile_id] = [channel.reach for channel in contact.channels]
    announced = await load_announced(connection, tenant_id, {*nids, *now})
    changed = {
        profile_id: now.get(profile_id, UNREACHABLE)
        for profile_id in sorted({*now, *announced})
        if now.get(profile_id, UNREACHABLE) != announced.get(profile_id, UNREACHABLE)
    }
    reached = {profile_id: reach for profile_id, reach in changed.items() if reach != UNREACHABLE}
    gone = [profile_id for profile_id in changed if profile_id not in reached]
    await save_announced(connection, tenant_id, reached, gone)
    return [ReachabilityChanged(profile_id, reach) for profile_id, reach in changed.items()]
