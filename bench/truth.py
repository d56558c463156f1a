"""Precision and recall of joining people by exact identifiers, against a set with known truth.

The set is a Parquet file with one record a row: `unique_id`, `cluster` (the truth), columns of identifiers.
It is given by its path and belongs to no copy of this repository.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pyarrow.parquet as pq

from services.identity.domain.identifiers import Identifier, Kind, Rules, usable_identifiers
from services.identity.domain.partition import Link, Member, grown, pair_of, settled

Pairs = set[tuple[int, int]]
_COLUMNS = {"email": Kind.EMAIL, "phone": Kind.PHONE}


@dataclass(frozen=True)
class Truth:
    """How pairs that were joined compare with pairs that are one person."""

    joined: int
    right: int
    true: int
    # Values that the set itself gives to several people.
    shared: Sequence[tuple[str, int]]

    @property
    def precision(self) -> float:
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def measured(records: Sequence[Mapping[str, object]]) -> Truth:
    """Each record is one secret key's event: its own id, and the identifiers in its columns."""
    rules = Rules()
    nids: dict[Identifier, int] = {}
    own: dict[int, int] = {}
    owners: dict[Identifier, set[object]] = defaultdict(set)
    members: dict[int, Member] = {}
    links: list[Link] = []
    for order, record in enumerate(records):
        claimed = [(Kind.ANONYMOUS_ID, f"record-{record['unique_id']}")]
        claimed += [(kind, str(record[name])) for name, kind in _COLUMNS.items() if record.get(name)]
        identifiers = usable_identifiers(claimed, rules)
        numbers = [nids.setdefault(identifier, len(nids) + 1) for identifier in identifiers]
        for identifier, nid in zip(identifiers, numbers, strict=True):
            members.setdefault(nid, Member(nid, identifier[0], nid, nid))
            if identifier[0] is Kind.ANONYMOUS_ID:
                own[order] = nid
            else:
                owners[identifier].add(record["cluster"])
        links += [Link(*pair_of(numbers[0], other), (0, order, str(order), 1)) for other in numbers[1:]]
    growth = grown(members, links, rules)
    settlement = settled(members, growth, growth.links, rules)
    profiles = {nid: member.profile_id for nid, member in members.items()}
    profiles |= {member.nid: member.profile_id for member in settlement.members}
    joined = _pairs(profiles[own[order]] for order in range(len(records)))
    true = _pairs(record["cluster"] for record in records)
    shared = [(kind.name, len(clusters)) for (kind, _), clusters in owners.items() if len(clusters) > 1]
    return Truth(len(joined), len(joined & true), len(true), shared)


def _pairs(groups: Iterable[object]) -> Pairs:
    rows: dict[object, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows[group].append(row)
    return {pair for together in rows.values() for pair in combinations(together, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path, help="Parquet file with the records and their truth")
    found = measured(pq.read_table(parser.parse_args().set).to_pylist())
    print(f"identity.truth_precision {found.precision:.4f}")
    print(f"identity.truth_recall {found.recall:.4f}")
    print(f"pairs joined {found.joined}, right {found.right}, true {found.true}")
    print(f"values of several people {dict(Counter(kind for kind, _ in found.shared))}")


if __name__ == "__main__":
    main()
