"""Responses, as fast as the client takes them."""

from __future__ import annotations

import asyncio
from typing import Any

from chat4all.streaming.errors import SlowReader

SLOWEST_S = 30.0
"""A client that takes nothing for so long is cut off."""


async def write(context: Any, response: Any, *, cursor: str) -> None:
    """Returns when gRPC has room for the next one: until then this response is all that is kept
    for the client. `cursor` is the one after this response.

    Raises:
        SlowReader: gRPC's flow control let nothing through for 30 seconds. Write nothing more:
            the response is on its way, and comes before the end.
    """
    try:
        async with asyncio.timeout(SLOWEST_S):
            await context.write(response)
    except TimeoutError as error:
        raise SlowReader(cursor) from error
