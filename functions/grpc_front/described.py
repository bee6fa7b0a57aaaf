"""The services that proto/ describes."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor

from grpc_front.generated.chat4all.v1 import (
    audit_pb2,
    auth_pb2,
    clients_pb2,
    conversations_pb2,
    events_pb2,
    files_pb2,
    messages_pb2,
    users_pb2,
    webhooks_pb2,
)

MODULES = (
    audit_pb2,
    auth_pb2,
    clients_pb2,
    conversations_pb2,
    events_pb2,
    files_pb2,
    messages_pb2,
    users_pb2,
    webhooks_pb2,
)


def services() -> list[ServiceDescriptor]:
    found = [s for module in MODULES for s in module.DESCRIPTOR.services_by_name.values()]
    return sorted(found, key=lambda service: service.full_name)
