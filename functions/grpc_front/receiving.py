"""The one message of a call that does not stream.

gRPC's own handlers of such calls begin when the message is there, and wait for it as long as its
client likes, whoever that is. So ours are handlers of streams: they know first who asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from grpc_front.errors import BadMessage

SOON_S = 10.0
"""For a message that comes after its metadata."""


async def only(requests: AsyncIterator[bytes], within: float = SOON_S) -> bytes:
    """Raises BadMessage: none came, more than one, or no end in time."""
    try:
        async with asyncio.timeout(within):
            first = await anext(requests, None)
            if first is not None and await anext(requests, None) is None:
                return first
    except TimeoutError as error:
        raise BadMessage("The message did not come, or not its end.") from error
    raise BadMessage("A call of this method has one message.")
