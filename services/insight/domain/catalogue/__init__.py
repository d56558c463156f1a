"""What genes there are: the one place that code, API and docs read."""

from collections.abc import Mapping

from services.insight.domain.catalogue.behaviour import BEHAVIOUR
from services.insight.domain.catalogue.derived import DERIVED
from services.insight.domain.catalogue.kinds import (
    GROUPS,
    MAX_WINDOW_DAYS,
    OPERATORS,
    READY_WINDOWS,
    TESTS,
    Chart,
    Gene,
    GeneGroup,
    ValueType,
    Windows,
    Words,
)
from services.insight.domain.catalogue.worth import WORTH

# By their numbers, 1 to 31; the contract behind GET /v1/genes.
GENES: tuple[Gene, ...] = (*BEHAVIOUR, *WORTH)
# DERIVED are asked like genes, and are none of the 31.
GENE_BY_ID: Mapping[str, Gene] = {gene.id: gene for gene in (*GENES, *DERIVED)}

__all__ = [
    "DERIVED",
    "GENES",
    "GENE_BY_ID",
    "GROUPS",
    "MAX_WINDOW_DAYS",
    "OPERATORS",
    "READY_WINDOWS",
    "TESTS",
    "Chart",
    "Gene",
    "GeneGroup",
    "ValueType",
    "Windows",
    "Words",
]
