"""Genes that a list of people shows beside each of them, in and out of protobuf."""

import uuid
from collections.abc import Sequence

from contracts.insight.v1 import segments_service_pb2 as pb

from services.insight.api.trees import window_message, window_of
from services.insight.domain.catalogue import GENE_BY_ID
from services.insight.domain.segments.tree import GeneCondition, Known, last_days
from services.insight.domain.segments.validation import problems_of
from services.insight.errors import ExternalGeneNotFound, GeneNotKnown, TooManyColumns
from services.insight.memberships import Column

_MAX_COLUMNS = 20


def columns_of(sent: Sequence[pb.GeneColumn]) -> list[Column]:
    """Without a window a gene has its own; raises GeneNotKnown."""
    if len(sent) > _MAX_COLUMNS:
        raise TooManyColumns("A list shows at most 20 genes.", limit=_MAX_COLUMNS)
    return [_column(one) for one in sent]


def _column(sent: pb.GeneColumn) -> Column:
    if sent.external_gene_id:
        return Column(_external(sent.external_gene_id), None, external=True)
    gene = GENE_BY_ID.get(sent.gene)
    if gene is None:
        raise GeneNotKnown("There is no such gene.", gene=sent.gene[:64])
    if not sent.HasField("window"):
        return Column(gene.id, None if gene.windows is None else last_days(gene.windows.default_days))
    window = window_of(sent.window)
    problems = problems_of(GeneCondition(gene.id, Known(), window))
    if problems:
        raise GeneNotKnown(problems[0].detail, gene=gene.id)
    return Column(gene.id, window)


def _external(gene_id: str) -> str:
    """An id that a gene can have; whether there is one is found out by asking it."""
    try:
        return str(uuid.UUID(gene_id))
    except ValueError as error:
        raise ExternalGeneNotFound("There is no such external gene.", gene_id=gene_id[:64]) from error


def column_message(column: Column) -> pb.GeneColumn:
    if column.external:
        return pb.GeneColumn(external_gene_id=column.gene)
    window = None if column.window is None else window_message(column.window)
    return pb.GeneColumn(gene=column.gene, window=window)
