"""Fakes of every port, for unit tests and for reading: what the real adapters promise, in dicts."""

from chat4all.adapters.memory.channels import MemoryBreakerStore, MemoryChannelSettings
from chat4all.adapters.memory.conversations import MemoryConversationStore
from chat4all.adapters.memory.files import MemoryFileStore, MemoryObjectStore
from chat4all.adapters.memory.messages import MemoryMessageStore
from chat4all.adapters.memory.queues import MemoryPublisher, MemoryQueue
from chat4all.adapters.memory.store import FakeClock, MemoryStore
from chat4all.adapters.memory.users import MemoryClientStore, MemoryUserStore

__all__ = [
    "FakeClock",
    "MemoryBreakerStore",
    "MemoryChannelSettings",
    "MemoryClientStore",
    "MemoryConversationStore",
    "MemoryFileStore",
    "MemoryMessageStore",
    "MemoryObjectStore",
    "MemoryPublisher",
    "MemoryQueue",
    "MemoryStore",
    "MemoryUserStore",
]
