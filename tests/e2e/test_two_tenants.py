"""A world beside a neighbour is the world without one, whatever both do."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bench.system import System
from tests.e2e.neighbours import move_in
from tests.e2e.operations import LONG, SORTS, Operation, do, operations
from tests.e2e.parties import Party
from tests.e2e.worlds import PATIENCE_SECONDS, Telling, differences, world

OBSERVED, NEIGHBOUR, ALONE = "observed", "neighbour", "alone"
RUNS = 3
# As many as there are turns.
STEPS = 70
FEWEST_OPERATIONS = 300
FEWEST_OF_THE_NEIGHBOUR = 50
FEWEST_SORTS = 16

pytestmark = pytest.mark.timeout(600)


@dataclass
class Tally:
    """How much was tried, over all runs."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    # Operations of the neighbour that had some of the observed tenant before and behind them.
    between: int = 0
    different: int = 0

    def of(self, who: str) -> Counter[str]:
        return Counter({sort: n for (whose, sort), n in self.done.items() if whose == who})


class Neighbourhood(RuleBasedStateMachine):
    """Two tenants at work; in the end a third does again what the first did, with nobody beside it."""

    system: System
    tally: Tally

    def __init__(self) -> None:
        super().__init__()
        self._observed, self._neighbour = self._moved_in(OBSERVED), self._moved_in(NEIGHBOUR)
        self._history: list[tuple[Operation, list[Any]]] = []
        self._step = self._since = 0
        # Long operations, of which each has one of a sort in a run.
        self._spent: dict[str, set[str]] = {OBSERVED: set(), NEIGHBOUR: set()}
        self._threads = ThreadPoolExecutor(1)
        self._at_peace = True

    def _moved_in(self, who: str) -> Party:
        one = move_in(self.system, uuid.uuid4().hex[:10])
        return Party(one, level=who != NEIGHBOUR, telling=Telling(one.mark))

    # The first by name is the simplest choice: all sorts in turn, of which the neighbour's are ahead.
    @rule(data=st.data())
    def both_act_at_once(self, data: st.DataObject) -> None:
        self._act(self._drawn(data, OBSERVED), self._drawn(data, NEIGHBOUR, ahead=STEPS // 2))

    @rule(data=st.data())
    def both_do_the_same_at_once(self, data: st.DataObject) -> None:
        operation = self._drawn(data, OBSERVED, NEIGHBOUR)
        self._act(operation, operation)

    @rule(data=st.data())
    def neighbour_acts(self, data: st.DataObject) -> None:
        self._act(None, self._drawn(data, NEIGHBOUR))

    @rule(data=st.data())
    def observed_acts(self, data: st.DataObject) -> None:
        self._act(self._drawn(data, OBSERVED), None)

    def _drawn(self, data: st.DataObject, *actors: str, ahead: int = 0) -> Operation:
        spent = frozenset().union(*(self._spent[who] for who in actors))
        drawn: Operation = data.draw(operations(self._step + ahead, spent))
        for who in actors:
            self._spent[who] |= {drawn.sort} & LONG
        return drawn

    def _act(self, mine: Operation | None, theirs: Operation | None) -> None:
        whole = False
        try:
            beside = None
            if theirs is not None:
                beside = self._threads.submit(do, self._neighbour, theirs)
                self.tally.done[NEIGHBOUR, theirs.sort] += 1
                self._since += bool(self._history)
            if mine is not None:
                self._history.append((mine, do(self._observed, mine)))
                self.tally.done[OBSERVED, mine.sort] += 1
                self.tally.between, self._since = self.tally.between + self._since, 0
            if beside is not None:
                beside.result()
            whole = True
        finally:
            self._step += 1
            self._at_peace = self._at_peace and whole

    def teardown(self) -> None:
        self._threads.shutdown()
        if not self._at_peace:
            return
        alone = self._moved_in(ALONE)
        for operation, answers in self._history:
            again = do(alone, operation)
            assert again == answers, (operation, differences({"": answers}, {"": again}))
        self._compare(alone)

    def _compare(self, alone: Party) -> None:
        """What is still on its way is waited for: reports follow within seconds."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            time.sleep(1)
            beside, without = self._worlds(self._observed, alone)
            if not (found := differences(beside, without)):
                break
            assert time.monotonic() < deadline, "\n".join(found)
        [other] = self._worlds(self._neighbour)
        self.tally.different += other != without

    def _worlds(self, *parties: Party) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(len(parties)) as threads:
            return list(threads.map(lambda party: world(party.one, party.telling), parties))


def test_a_world_beside_a_neighbour_is_the_world_without_one(system: System) -> None:
    tally = Tally()
    machine = type("Machine", (Neighbourhood,), {"system": system, "tally": tally})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            # The same operations in every run of the test: there is no seed to note.
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    observed, neighbour = tally.of(OBSERVED), tally.of(NEIGHBOUR)
    assert observed.total() + neighbour.total() >= FEWEST_OPERATIONS
    assert tally.between >= FEWEST_OF_THE_NEIGHBOUR
    assert len(observed) >= FEWEST_SORTS and len(neighbour) >= FEWEST_SORTS
    assert set(observed) | set(neighbour) == SORTS and set(observed) >= LONG
    # Two histories make two worlds, so that sameness above says something. In the first run both do
    # all the same, each in its order, which may end alike.
    assert tally.different >= RUNS - 1
