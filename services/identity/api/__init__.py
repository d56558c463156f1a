"""gRPC: who is who, for the other services."""

import grpc
from contracts.identity.v1 import identity_service_pb2_grpc as rpc

from services.identity.api.people import PeopleApi
from services.identity.store import Database


class IdentityApi(PeopleApi, rpc.IdentityServiceServicer):
    """The service of the contract, from its parts."""

    service_name = "contracts.identity.v1.IdentityService"

    def __init__(self, database: Database) -> None:
        PeopleApi.__init__(self, database)

    def add_to(self, server: grpc.aio.Server) -> None:
        rpc.add_IdentityServiceServicer_to_server(self, server)
