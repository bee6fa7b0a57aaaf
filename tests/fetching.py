"""A provider that sends what a test says, and one job to fetch it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from math import inf
from typing import Any

import pytest

from chat4all.adapters.memory import MemoryObjectStore
from chat4all.delivery import MediaPayload
from chat4all.errors import TryLater
from chat4all.fetching import Fetching
from chat4all.file import File
from chat4all.file_jobs import FetchMedia
from chat4all.ports import Download
from tests.builders import NOW, FakeChannel, an_id
from tests.world import World

JOB = FetchMedia(
    file_id=an_id(1),
    channel="whatsapp",
    media=MediaPayload(reference="r", content_type="image/png"),
)


class Sending(FakeChannel):
    """A provider that sends just these chunks, and says what it likes of them."""

    def __init__(
        self,
        chunks: Iterator[bytes],
        size: int | None = None,
        sha256: str | None = None,
        content_type: str | None = None,
    ) -> None:
        super().__init__()
        self.download_of = Download(content_type, size, sha256, chunks)

    def download(self, wanted: MediaPayload) -> AbstractContextManager[Download]:
        return nullcontext(self.download_of)


class Counting(MemoryObjectStore):
    """Knows how much it was given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[int] = []

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> None:
        self.pieces.append(len(content))
        super().put_part(key, upload_id, number, content)


def fetch(
    channel: Sending,
    objects: MemoryObjectStore | None = None,
    age: float = 0,
    seconds_left: Callable[[], float] = lambda: inf,
    job: FetchMedia = JOB,
) -> tuple[File | None, World]:
    world = World()
    world.objects = objects or world.objects
    world.file_store.add(
        File(
            file_id=job.file_id,
            owner="bo",
            filename="x",
            content_type="image/png",
            origin="whatsapp",
            created_at=NOW,
        )
    )
    world.clock.advance(age)
    fetching = Fetching(world.file_store, world.objects, lambda _: channel, world.clock)
    return fetching.fetch(job, seconds_left), world


def refused(channel: Sending, **more: Any) -> tuple[TryLater, MemoryObjectStore]:
    objects = MemoryObjectStore()
    with pytest.raises(TryLater) as error:
        fetch(channel, objects, **more)
    return error.value, objects
