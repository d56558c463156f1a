"""Asks insight for goals, states and external genes, and changes them."""

from contracts.insight.v1 import external_genes_service_pb2 as pb
from contracts.insight.v1 import goals_service_pb2 as goals_pb
from contracts.insight.v1 import states_service_pb2 as states_pb
from contracts.insight.v1.external_genes_service_pb2_grpc import ExternalGenesServiceStub
from contracts.insight.v1.goals_service_pb2_grpc import GoalsServiceStub
from contracts.insight.v1.states_service_pb2_grpc import StatesServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Counting everybody of a large tenant, or changing all their values, may take longer than a form's patience.
_LONG_SECONDS = 25.0


class NamedGoals(Remote):
    """Events that tenants have named."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = GoalsServiceStub(client.channel)

    async def create(self, tenant_id: str, request: goals_pb.CreateGoalRequest) -> goals_pb.Goal:
        return (await self._ask(self._stub.CreateGoal, request, tenant_id)).goal

    async def get(self, tenant_id: str, goal_id: str) -> goals_pb.Goal:
        request = goals_pb.GetGoalRequest(goal_id=goal_id)
        return (await self._ask(self._stub.GetGoal, request, tenant_id)).goal

    async def page(self, tenant_id: str, request: goals_pb.ListGoalsRequest) -> goals_pb.ListGoalsResponse:
        return await self._ask(self._stub.ListGoals, request, tenant_id)

    async def update(self, tenant_id: str, request: goals_pb.UpdateGoalRequest) -> goals_pb.Goal:
        return (await self._ask(self._stub.UpdateGoal, request, tenant_id)).goal

    async def delete(self, tenant_id: str, goal_id: str) -> None:
        await self._ask(self._stub.DeleteGoal, goals_pb.DeleteGoalRequest(goal_id=goal_id), tenant_id)


class CustomerStates(Remote):
    """NES and NAPL, and who went from which state to which."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = StatesServiceStub(client.channel)

    async def every(self, tenant_id: str) -> states_pb.ListStatesResponse:
        return await self._ask(self._stub.ListStates, states_pb.ListStatesRequest(), tenant_id)

    async def transitions(
        self, tenant_id: str, request: states_pb.GetStateTransitionsRequest
    ) -> states_pb.GetStateTransitionsResponse:
        return await self._ask(self._stub.GetStateTransitions, request, tenant_id, _LONG_SECONDS)


class BroughtGenes(Remote):
    """Genes whose values tenants, partners and models bring."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = ExternalGenesServiceStub(client.channel)

    async def create(self, tenant_id: str, request: pb.CreateExternalGeneRequest) -> pb.ExternalGene:
        return (await self._ask(self._stub.CreateExternalGene, request, tenant_id)).gene

    async def get(self, tenant_id: str, gene_id: str, *, counted: bool = True) -> pb.GetExternalGeneResponse:
        request = pb.GetExternalGeneRequest(gene_id=gene_id, uncounted=not counted)
        return await self._ask(self._stub.GetExternalGene, request, tenant_id, _LONG_SECONDS)

    async def page(
        self, tenant_id: str, request: pb.ListExternalGenesRequest
    ) -> pb.ListExternalGenesResponse:
        return await self._ask(self._stub.ListExternalGenes, request, tenant_id)

    async def update(self, tenant_id: str, request: pb.UpdateExternalGeneRequest) -> pb.ExternalGene:
        return (await self._ask(self._stub.UpdateExternalGene, request, tenant_id)).gene

    async def delete(self, tenant_id: str, gene_id: str) -> None:
        request = pb.DeleteExternalGeneRequest(gene_id=gene_id)
        await self._ask(self._stub.DeleteExternalGene, request, tenant_id)

    async def put_values(
        self, tenant_id: str, request: pb.PutExternalValuesRequest
    ) -> pb.PutExternalValuesResponse:
        return await self._ask(self._stub.PutExternalValues, request, tenant_id, _LONG_SECONDS)

    async def changes(
        self, tenant_id: str, request: pb.ListExternalChangesRequest
    ) -> pb.ListExternalChangesResponse:
        return await self._ask(self._stub.ListExternalChanges, request, tenant_id)

    async def distribution(
        self, tenant_id: str, request: pb.GetExternalDistributionRequest
    ) -> pb.GetExternalDistributionResponse:
        return await self._ask(self._stub.GetExternalDistribution, request, tenant_id, _LONG_SECONDS)

    async def of_profile(
        self, tenant_id: str, request: pb.GetProfileExternalGenesRequest
    ) -> pb.GetProfileExternalGenesResponse:
        return await self._ask(self._stub.GetProfileExternalGenes, request, tenant_id, _LONG_SECONDS)
