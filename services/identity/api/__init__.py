"""gRPC: who is who, for the other services."""

import grpc
from contracts.identity.v1 import identity_service_pb2_grpc as rpc

from services.identity.api.consents import ConsentsApi
from services.identity.api.erasures import ErasuresApi
from services.identity.api.links import LinksApi
from services.identity.api.lookups import LookupsApi
from services.identity.api.people import PeopleApi
from services.identity.api.rules import RulesApi
from services.identity.commands import CommandQueue
from services.identity.domain.identifiers import Rules
from services.identity.erasure_ledger import ErasureLedger
from services.identity.store import Database


class IdentityApi(
    PeopleApi, LookupsApi, LinksApi, RulesApi, ConsentsApi, ErasuresApi, rpc.IdentityServiceServicer
):
    """The service of the contract, from its parts."""

    service_name = "contracts.identity.v1.IdentityService"

    def __init__(
        self, database: Database, commands: CommandQueue, defaults: Rules, ledger: ErasureLedger
    ) -> None:
        # Every part reads the database; those that change something ask the writer.
        PeopleApi.__init__(self, database)
        self._commands = commands
        self._defaults = defaults
        self._ledger = ledger

    def add_to(self, server: grpc.aio.Server) -> None:
        rpc.add_IdentityServiceServicer_to_server(self, server)
