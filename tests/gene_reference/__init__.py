"""The 31 genes and any segment in the simplest possible way: what the evaluators are tested against.

    reference = Reference(history, settings, Moment(history.position, now_ms))
    reference.value("revenue", profile_id, last_days(30))
    members(reference, node)
    evaluate(reference, node)  # path -> profile ids, of every node

Plain Python, one person after the other, every answer from the events as they were sent. It shares with the
product only what is itself the contract: canonical names and visits (domain/events.py), what an amount is and
exchange rates (domain/money.py), which reports make an order (domain/orders.py), and the tree.

`tests/gene_histories.py` makes histories and trees.
"""

from tests.gene_reference.external import Brought, ExternalGene
from tests.gene_reference.history import Announced, Event, History, Remap, Settings
from tests.gene_reference.reference import GENES, LISTS, WINDOWED, Reference, Value
from tests.gene_reference.trees import Saved, evaluate, members

__all__ = [
    "GENES",
    "LISTS",
    "WINDOWED",
    "Announced",
    "Brought",
    "Event",
    "ExternalGene",
    "History",
    "Reference",
    "Remap",
    "Saved",
    "Settings",
    "Value",
    "evaluate",
    "members",
]
