"""What tests of files begin with: uploads that got so far, and files that are READY."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chat4all.adapters.memory import MemoryFileStore, MemoryStore
from chat4all.caller import Caller
from chat4all.file import File, FileStatus, NewFile
from chat4all.file_jobs import UPLOADS, FinishUpload
from tests.builders import as_user
from tests.world import World

WORDS = b"hello, world"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
PDF = b"%PDF-1.7\n" + bytes(40)
PART = 5
"""Bytes: parts of the real size would make these tests slow, and show no more."""


def a_new_file(size: int = len(WORDS), **fields: Any) -> NewFile:
    given = {"filename": "words.txt", "content_type": "text/plain", "size": size}
    return NewFile.model_validate({**given, **fields})


def begun(world: World, content: bytes = WORDS, *, by: Caller | None = None, **fields: Any) -> File:
    """Ana's upload, in parts of five bytes, with nothing in it yet."""
    given: dict[str, Any] = {
        "user_id": None,
        "filename": "words.txt",
        "content_type": "text/plain",
        "size": len(content),
        "part_size": PART,
    }
    return world.uploads.begin(by or as_user("ana"), **{**given, **fields})


def put(world: World, file: File, numbers: Sequence[int] = (), content: bytes = WORDS) -> None:
    """Some of a file's parts, as their owner would PUT them; all, as it is."""
    assert file.upload_id
    count = -(-len(content) // file.part_size)
    for number in numbers or range(1, count + 1):
        part = content[(number - 1) * file.part_size : number * file.part_size]
        world.objects.put_part(file.key, file.upload_id, number, part)


def uploaded(world: World, content: bytes = WORDS, **fields: Any) -> File:
    """All its parts are there."""
    file = begun(world, content, **fields)
    put(world, file, content=content)
    return file


def completed(
    world: World, content: bytes = WORDS, checksum: str | None = None, **more: Any
) -> File:
    """It waits to be checked."""
    file = uploaded(world, content, **more)
    owner = more.get("by") or as_user("ana")
    return world.uploads.complete(owner, file.file_id, checksum)


def checked(world: World, content: bytes = WORDS, **more: Any) -> File:
    """As it is when it was checked: READY, as a rule."""
    file = world.finishing.finish(completed(world, content, **more).file_id)
    assert file
    return file


def to_check(world: World) -> list[str]:
    """The files that wait on `uploads`, which are taken off it."""
    return [FinishUpload.model_validate_json(b).file_id for b in world.queue.take(UPLOADS)]


class RacingFiles(MemoryFileStore):
    """Somebody else comes first: what is in `meanwhile` happens just before the next move."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.meanwhile: list[Callable[[], object]] = []

    def move(self, file: File, status: FileStatus, **facts: Any) -> File:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().move(file, status, **facts)


def a_racing_world() -> tuple[World, RacingFiles]:
    store = MemoryStore()
    files = RacingFiles(store)
    return World(store, files=files), files
