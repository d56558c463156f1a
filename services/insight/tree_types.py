"""The types of a tenant's own values that a tree asks about, so that its tests can be held against them."""

from collections.abc import Mapping

from services.insight.domain.attributes import AttributeType
from services.insight.domain.attributes import value_type as attribute_value_type
from services.insight.domain.external.kinds import value_type
from services.insight.domain.segments.tree import AttributeCondition, ExternalCondition, Node, walk
from services.insight.domain.segments.validation import Types
from services.insight.store.attributes import Attributes
from services.insight.store.external import ExternalGenes


class TreeTypes:
    """Of attributes and external genes, as far as a type is known."""

    def __init__(self, attributes: Attributes, external: ExternalGenes) -> None:
        self._attributes = attributes
        self._external = external

    async def of(self, tenant_id: str, root: Node) -> Types:
        """Most trees have neither: these ask nobody."""
        nodes = [node for _, node in walk(root)]
        attributes: Mapping[str, AttributeType] = {}
        if any(isinstance(node, AttributeCondition) for node in nodes):
            attributes = await self._attributes.types(tenant_id)
        external = {}
        if any(isinstance(node, ExternalCondition) for node in nodes):
            genes = await self._external.every(tenant_id)
            external = {gene.gene_id: value_type(gene.about.type) for gene in genes}
        return Types({name: attribute_value_type(kind) for name, kind in attributes.items()}, external)
