"""What a client said on a stream and nobody has dealt with yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any


class Waiting:
    """For one who puts and one who gets."""

    def __init__(self, most: int, most_bytes: int) -> None:
        """So many frames, and so many bytes of them; one frame always has room, however long."""
        self._most = most
        self._most_bytes = most_bytes
        self._frames: deque[tuple[Any, int]] = deque()
        self._bytes = 0
        self._over = False
        self._put = asyncio.Event()
        self._got = asyncio.Event()

    async def put(self, frame: Any) -> None:
        """Returns when there is room for it, and it waits."""
        size = frame.ByteSize()
        while not self._has_room_for(size):
            self._got.clear()
            await self._got.wait()
        self._frames.append((frame, size))
        self._bytes += size
        self._put.set()

    def end(self) -> None:
        """There are no more."""
        self._over = True
        self._put.set()

    async def get(self) -> Any:
        """The first one; None after the last one."""
        while not self._frames and not self._over:
            self._put.clear()
            await self._put.wait()
        return self._take() if self._frames else None

    def get_if(self, wanted: Callable[[Any], bool]) -> Any:
        """The first one, if it is there and wanted; else None."""
        return self._take() if self._frames and wanted(self._frames[0][0]) else None

    def _has_room_for(self, size: int) -> bool:
        few = len(self._frames) < self._most and self._bytes + size <= self._most_bytes
        return few or not self._frames

    def _take(self) -> Any:
        frame, size = self._frames.popleft()
        self._bytes -= size
        self._got.set()
        return frame
