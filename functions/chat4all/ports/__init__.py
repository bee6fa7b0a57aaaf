"""What the use cases need from the world. Each port has a real adapter and a fake in
`adapters.memory`; one contract suite (tests/contract) holds them to the same behaviour.

Every method may raise `Unavailable`.
"""

from chat4all.ports.access import ClientPlace, ClientStore, RefreshStore
from chat4all.ports.channel import (
    Attachment,
    Capabilities,
    Connector,
    Download,
    Media,
    Part,
)
from chat4all.ports.files import (
    Begun,
    FileStore,
    ObjectStore,
    StoredObject,
    StoredPart,
)
from chat4all.ports.services import (
    BreakerState,
    BreakerStore,
    ChannelSettings,
    Clock,
    Publisher,
    Queue,
    Signer,
)
from chat4all.ports.stores import (
    ConversationStore,
    MessageStore,
    RoutingView,
    UserStore,
)

__all__ = [
    "Attachment",
    "Begun",
    "BreakerState",
    "BreakerStore",
    "Capabilities",
    "ChannelSettings",
    "ClientPlace",
    "ClientStore",
    "Clock",
    "Connector",
    "ConversationStore",
    "Download",
    "FileStore",
    "Media",
    "MessageStore",
    "ObjectStore",
    "Part",
    "Publisher",
    "Queue",
    "RefreshStore",
    "RoutingView",
    "Signer",
    "StoredObject",
    "StoredPart",
    "UserStore",
]
