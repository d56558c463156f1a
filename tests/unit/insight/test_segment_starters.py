"""The segments that a tenant begins with."""

from services.insight.domain.segments.names import LIMITS, cleaned, key_of
from services.insight.domain.segments.starters import STARTERS
from services.insight.domain.segments.tree import Compare, GeneCondition, walk
from services.insight.domain.segments.validation import problems_of


def test_every_starter_is_a_valid_segment_with_a_name_of_its_own() -> None:
    assert [starter.key for starter in STARTERS if problems_of(starter.tree)] == []
    for names in ([s.name.zh for s in STARTERS], [s.name.en for s in STARTERS], [s.key for s in STARTERS]):
        assert len({key_of(name) for name in names}) == len(STARTERS)
    for starter in STARTERS:
        assert cleaned("name", starter.name.zh) == starter.name.zh
        assert len(starter.description.zh) + len(starter.description.en) < LIMITS["description"] / 2


def test_no_starter_holds_an_amount_that_was_measured_somewhere() -> None:
    numbers = {
        (node.gene, node.test.value)
        for starter in STARTERS
        for _, node in walk(starter.tree)
        if isinstance(node, GeneCondition) and isinstance(node.test, Compare)
    }
    # Never, once, and again: what the words mean, and no shop's figure.
    assert {gene for gene, _ in numbers} == {"active_days", "orders"}
    assert {int(value) for _, value in numbers} == {0, 1, 2}
