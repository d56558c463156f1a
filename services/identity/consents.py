"""Commands about consent and suppression, as the writer applies them."""

import json
import time
from collections.abc import Mapping, Sequence

from services.identity.commands import Applied, Command, Handler
from services.identity.contacts import changed_reachability, load_contacts, take_statements
from services.identity.domain.consent import API, Consent, Statement
from services.identity.domain.fingerprints import fingerprint
from services.identity.domain.identifiers import Identifier, Kind, Rules, Unusable, normalised
from services.identity.domain.people import Profile
from services.identity.errors import IdentifierNotUsable, ProfileNotFound
from services.identity.store.lane import Lane
from services.identity.store.queries.consents import save_lasting, save_statements
from services.identity.store.queries.known import load_nids
from services.identity.store.queries.reachability import load_people
from services.identity.store.queries.suppressions import delete_suppressions, save_suppressions
from services.identity.tenants import Tenant

PUT_CONSENTS = "consents.put"
SUPPRESS = "suppressions.add"
UNSUPPRESS = "suppressions.remove"


def handlers() -> Mapping[str, Handler]:
    """By kind of command."""
    return {PUT_CONSENTS: _put_consents, SUPPRESS: _suppress, UNSUPPRESS: _unsuppress}


async def _put_consents(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    body = command.body
    person = await load_person(lane, tenant.tenant_id, body["profile_id"])
    now_ms = time.time_ns() // 1_000_000
    statements = [
        Statement(one.nid, said["purpose"], said["granted"], said["stated_at_ms"] or now_ms, API, True, "")
        for one in person.identifiers
        for said in body["consents"]
    ]
    evidence_json = json.dumps(body["evidence"])
    await save_statements(
        lane, tenant.tenant_id, statements, evidence_json=evidence_json, actor=command.actor
    )
    _, kept = await take_statements(lane, tenant.tenant_id, tenant.heard, statements)
    await save_lasting(lane, tenant.tenant_id, kept)
    nids = [one.nid for one in person.identifiers]
    facts = await changed_reachability(lane, tenant.tenant_id, nids, tenant.suppressed.fingerprints)
    (contact,) = await load_contacts(lane, tenant.tenant_id, [person], ())
    return Applied({"consents": [_consent(one) for one in contact.consents]}, facts=facts)


async def load_person(lane: Lane, tenant_id: str, nid: int) -> Profile:
    """The profile that an identifier belongs to; raises ProfileNotFound."""
    for person in await load_people(lane, tenant_id, [nid]):
        if any(one.nid == nid for one in person.identifiers):
            return person
    raise ProfileNotFound("There is no profile with this id.", profile_id=nid)


def _consent(consent: Consent) -> Mapping[str, object]:
    return {
        "purpose": consent.purpose,
        "granted": consent.granted,
        "stated_at_ms": consent.stated_at_ms,
    }


async def _suppress(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    identifiers = _identifiers(command, tenant.rules)
    added = await suppress(lane, tenant, identifiers, reason=command.body["reason"], actor=command.actor)
    nids = await load_nids(lane, tenant.tenant_id, identifiers)
    facts = await changed_reachability(
        lane, tenant.tenant_id, list(nids.values()), tenant.suppressed.fingerprints
    )
    return Applied({"added": added}, facts=facts)


def _identifiers(command: Command, rules: Rules) -> list[Identifier]:
    """Those of a command, normalised; raises IdentifierNotUsable for what names nobody."""
    found = []
    for place, (number, value) in enumerate(command.body["identifiers"]):
        kind = Kind(number)
        try:
            text = normalised(kind, value, rules)
        except Unusable as unusable:
            raise IdentifierNotUsable(unusable.detail, place=place) from unusable
        if text is None:
            raise IdentifierNotUsable(f"This {kind.name.lower()} names nobody.", place=place)
        found.append((kind, text))
    return found


async def suppress(
    lane: Lane, tenant: Tenant, identifiers: Sequence[Identifier], *, reason: str, actor: str
) -> int:
    """Drop events of normalised identifiers, known or not, from now on; how many were not dropped before.

    The caller announces what that changes for those who have one of them.
    """
    prints = {fingerprint(tenant.tenant_id, one): one for one in identifiers}
    added = await save_suppressions(
        lane,
        tenant.tenant_id,
        [(print_, kind) for print_, (kind, _) in prints.items()],
        reason=reason,
        actor=actor,
    )
    tenant.suppressed.fingerprints |= prints.keys()
    for kind, value in identifiers:
        # Who is remembered is taken without a look at what is suppressed.
        if kind is Kind.ANONYMOUS_ID:
            tenant.anonymous.forget(value)
    return len(added)


async def _unsuppress(lane: Lane, tenant: Tenant, command: Command) -> Applied:
    identifiers = _identifiers(command, tenant.rules)
    prints = [fingerprint(tenant.tenant_id, one) for one in identifiers]
    removed = await delete_suppressions(lane, tenant.tenant_id, prints)
    tenant.suppressed.fingerprints.difference_update(prints)
    nids = await load_nids(lane, tenant.tenant_id, identifiers)
    facts = await changed_reachability(
        lane, tenant.tenant_id, list(nids.values()), tenant.suppressed.fingerprints
    )
    return Applied({"removed": len(removed)}, facts=facts)
