"""Fakes of every port, for unit tests and for reading: what the real adapters promise, in dicts."""

from chat4all.adapters.memory.access import (
    MemoryClientStore,
    MemoryKeySource,
    MemoryRefreshStore,
)
from chat4all.adapters.memory.audit import MemoryAuditStore
from chat4all.adapters.memory.channels import MemoryBreakerStore, MemoryChannelSettings
from chat4all.adapters.memory.conversations import MemoryConversationStore
from chat4all.adapters.memory.files import MemoryFileStore, MemoryObjectStore
from chat4all.adapters.memory.keys import MemoryKeyStore
from chat4all.adapters.memory.limits import MemoryAllowanceStore
from chat4all.adapters.memory.messages import MemoryMessageStore
from chat4all.adapters.memory.queues import MemoryPublisher, MemoryQueue
from chat4all.adapters.memory.store import FakeClock, MemoryStore
from chat4all.adapters.memory.users import MemoryUserStore

__all__ = [
    "FakeClock",
    "MemoryAllowanceStore",
    "MemoryAuditStore",
    "MemoryBreakerStore",
    "MemoryChannelSettings",
    "MemoryClientStore",
    "MemoryConversationStore",
    "MemoryFileStore",
    "MemoryKeySource",
    "MemoryKeyStore",
    "MemoryMessageStore",
    "MemoryObjectStore",
    "MemoryPublisher",
    "MemoryQueue",
    "MemoryRefreshStore",
    "MemoryStore",
    "MemoryUserStore",
]
