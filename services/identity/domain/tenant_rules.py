"""A tenant's own rules for joining: what may be said in them, and what they make of everybody's."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.identity.domain.identifiers import (
    MAX_VALUE_CHARACTERS,
    Kind,
    Rules,
    phone_number,
)

_DEFAULTS = Rules()
DEFAULT_LIMITS = _DEFAULTS.limits
# A group of connected identifiers has no more members, so a higher limit would say nothing.
MAX_LIMIT = _DEFAULTS.max_cluster
MAX_BLOCKED_VALUES = 1_000
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}\Z")


class RulesNotUsable(ValueError):
    """Says what is wrong with the rules and what to do instead."""


@dataclass(frozen=True, slots=True)
class TenantRules:
    """As a tenant put them; the defaults are version 0."""

    # Those that differ from the default.
    limits: Mapping[Kind, int] = field(default_factory=dict)
    blocked_values: Sequence[str] = ()
    phone_country_code: str = _DEFAULTS.phone_country_code
    version: int = 0

    def complete(self, defaults: Rules) -> Rules:
        """With what every tenant has."""
        code = self.phone_country_code
        blocked = set(defaults.blocked)
        for value in self.blocked_values:
            blocked |= {value.casefold(), unicodedata.normalize("NFKC", value).casefold()}
            # A phone is stored with its country.
            if phone := phone_number(value, code):
                blocked.add(phone)
        limits = {**defaults.limits, **self.limits}
        return replace(defaults, limits=limits, blocked=frozenset(blocked), phone_country_code=code)


def tenant_rules(
    limits: Sequence[tuple[int, int]], blocked_values: Sequence[str], phone_country_code: str, version: int
) -> TenantRules:
    """Rules out of what was sent; an empty country code is the default. Raises RulesNotUsable."""
    code = phone_country_code or _DEFAULTS.phone_country_code
    if not _COUNTRY_CODE.match(code):
        raise RulesNotUsable("phone_country_code must be one to three digits without + or leading zeros.")
    return TenantRules(_limits(limits), _blocked(blocked_values), code, version)


def _limits(limits: Sequence[tuple[int, int]]) -> dict[Kind, int]:
    found: dict[Kind, int] = {}
    for number, limit in limits:
        if number not in set(Kind):
            raise RulesNotUsable("A limit names no kind of identifier.")
        kind = Kind(number)
        name = kind.name.lower()
        if kind in found:
            raise RulesNotUsable(f"There are two limits of {name}.")
        if kind is Kind.USER_ID and limit != 1:
            raise RulesNotUsable("A profile has one user_id, always: its limit stays 1.")
        if not 1 <= limit <= MAX_LIMIT:
            raise RulesNotUsable(f"The limit of {name} must be between 1 and {MAX_LIMIT}.")
        found[kind] = limit
    return {kind: limit for kind, limit in sorted(found.items()) if limit != DEFAULT_LIMITS[kind]}


def _blocked(values: Sequence[str]) -> tuple[str, ...]:
    if len(values) > MAX_BLOCKED_VALUES:
        raise RulesNotUsable(f"At most {MAX_BLOCKED_VALUES} values can be blocked.")
    found: dict[str, str] = {}
    for value in values:
        trimmed = value.strip()
        if not trimmed or "\0" in trimmed or len(trimmed) > MAX_VALUE_CHARACTERS:
            raise RulesNotUsable(
                f"A blocked value must have 1 to {MAX_VALUE_CHARACTERS} characters and no NUL."
            )
        found.setdefault(trimmed.casefold(), trimmed)
    return tuple(found.values())
