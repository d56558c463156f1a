"""Which rules a tenant may give its genes."""

from services.insight.domain.genes.facts import Rules

_LIMITS = {
    "session_minutes": (1, 1_440),
    "slowing_days": (1, 3_648),
    "dormant_days": (2, 3_649),
    "lost_days": (3, 3_650),
    "loyal_orders": (2, 1_000),
    "loyal_days": (1, 3_650),
    "return_days": (1, 365),
}


def fault(rules: Rules) -> str:
    """What is wrong with them, for whoever sent them; "" for nothing."""
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            return f"{name} must be {least} to {most}."
    if not rules.slowing_days < rules.dormant_days < rules.lost_days:
        return "slowing_days must be less than dormant_days, and dormant_days less than lost_days."
    return ""
