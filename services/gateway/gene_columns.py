"""Columns of genes beside people: how they are asked for, and what stands in them."""

from collections.abc import Mapping, Sequence

from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from contracts.insight.v1 import segments_service_pb2 as pb

from services.gateway.errors.saved_segments import GeneColumnNotValid

_MAX_DAYS = 730

# Numbers are exact decimal text; null is unknown.
GeneValue = str | list[str] | dict[str, str] | None


def gene_columns(asked: Sequence[str]) -> list[pb.GeneColumn]:
    """`orders:30` is a gene with a window of 30 days, `external:<id>` an external one.

    Raises GeneColumnNotValid.
    """
    return [_column(one) for one in asked]


def _column(asked: str) -> pb.GeneColumn:
    gene, _, said = asked.partition(":")
    if ":" not in asked:
        return pb.GeneColumn(gene=gene)
    if gene == "external":
        return pb.GeneColumn(external_gene_id=said)
    if said == "all":
        return pb.GeneColumn(gene=gene, window=tree_pb.SegmentWindow(all_time=tree_pb.AllTime()))
    if not (said.isascii() and said.isdecimal() and len(said) < 4 and 0 < int(said) <= _MAX_DAYS):
        raise GeneColumnNotValid("A window is 1 to 730 days, or all.", column=asked)
    window = tree_pb.SegmentWindow(days_ago=tree_pb.DaysAgo(first=int(said) - 1))
    return pb.GeneColumn(gene=gene, window=window)


def gene_answer(value: genes_pb.GeneValue) -> GeneValue:
    match value.WhichOneof("value"):
        case "number":
            return value.number
        case "text":
            return value.text
        case "date":
            return value.date
        case "list":
            return list(value.list.values)
        case "map":
            numbers: Mapping[str, str] = value.map.numbers
            return dict(sorted(numbers.items()))
        case _:
            return None
