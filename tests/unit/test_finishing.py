"""Checking what was uploaded: READY, or REJECTED with a reason and nothing left of it."""

from collections.abc import Callable, Sequence

import pytest

from chat4all.adapters.memory import MemoryObjectStore
from chat4all.file import File, FileStatus
from chat4all.finishing import Finishing
from chat4all.ports import Begun, StoredObject, StoredPart
from tests.builders import an_id, as_user
from tests.uploading import PDF, PNG, WORDS, a_racing_world, begun, completed, put, uploaded
from tests.world import World

pytestmark = pytest.mark.req("RF-003")
ANA = as_user("ana")
OTHER = "AAAAAAAAAAA="


def right(content: bytes = WORDS) -> str:
    return MemoryObjectStore.checksum_of(content)


def reason(world: World, file: File) -> tuple[FileStatus, str | None]:
    there = world.store.files[file.file_id]
    return there.status, there.reason


def left(world: World) -> tuple[dict, dict]:
    return world.objects.uploads, world.objects.objects


@pytest.mark.parametrize(("said", "verified"), [(right(), True), (None, False)])
def test_a_file_with_all_its_bytes_is_ready(said: str | None, verified: bool) -> None:
    world = World()
    file = completed(world, checksum=said)

    done = world.finishing.finish(file.file_id)

    assert done == world.store.files[file.file_id]
    assert (done.status, done.reason, done.size) == (FileStatus.READY, None, len(WORDS))
    assert (done.checksum, done.checksum_verified) == (right(), verified)
    assert left(world) == ({}, {file.key: WORDS})


def test_other_bytes_than_announced_are_rejected_and_nothing_is_left() -> None:
    world = World()
    file = completed(world, checksum=OTHER)

    done = world.finishing.finish(file.file_id)

    assert done is not None
    assert (done.status, done.reason) == (FileStatus.REJECTED, "checksum_mismatch")
    assert not done.checksum_verified
    assert left(world) == ({}, {})


def test_a_part_that_came_late_makes_another_size_and_is_rejected() -> None:
    world = World()
    file = completed(world)
    assert file.upload_id
    world.objects.put_part(file.key, file.upload_id, 4, b"more")

    world.finishing.finish(file.file_id)

    assert reason(world, file) == (FileStatus.REJECTED, "size_mismatch")
    assert "16 bytes, not 12" in (world.store.files[file.file_id].detail or "")
    assert left(world) == ({}, {})


@pytest.mark.parametrize(
    ("declared", "content", "seen"),
    [("image/png", PDF, "application/pdf"), ("application/pdf", PNG, "image/png")],
)
def test_bytes_that_contradict_the_type_are_rejected(declared, content, seen) -> None:
    world = World()
    file = completed(world, content, content_type=declared)

    world.finishing.finish(file.file_id)

    assert reason(world, file) == (FileStatus.REJECTED, "content_type_mismatch")
    assert world.store.files[file.file_id].detail == f"It begins as {seen}, not as {declared}."
    assert left(world) == ({}, {})


def test_parts_that_are_gone_are_told() -> None:
    world = World()
    file = completed(world)
    world.objects.uploads.clear()

    world.finishing.finish(file.file_id)

    assert reason(world, file) == (FileStatus.REJECTED, "parts_gone")


def test_a_file_of_unknown_length_is_ready_as_it_came() -> None:
    world = World()
    file = begun(world, size=None)
    put(world, file)
    world.uploads.complete(ANA, file.file_id)

    done = world.finishing.finish(file.file_id)

    assert done is not None
    assert (done.status, done.size) == (FileStatus.READY, len(WORDS))


def test_of_two_workers_at_once_the_first_one_counts() -> None:
    world, files = a_racing_world()
    file = completed(world)
    files.meanwhile.append(lambda: world.finishing.finish(file.file_id))

    done = world.finishing.finish(file.file_id)

    assert done is not None
    assert (done.status, world.objects.objects) == (FileStatus.READY, {file.key: WORDS})


@pytest.mark.parametrize("arrange", [uploaded, begun])
def test_what_is_not_to_be_checked_is_left_alone(arrange: Callable[[World], File]) -> None:
    world = World()
    file = arrange(world)

    assert world.finishing.finish(file.file_id) == file
    assert world.finishing.finish(an_id(404)) is None


class Plain(MemoryObjectStore):
    """A store that makes no checksum of the whole object."""

    def begin(self, key: str, content_type: str) -> Begun:
        return Begun(super().begin(key, content_type).upload_id, verifies=False)

    def look(self, key: str) -> StoredObject | None:
        there = super().look(key)
        return there and StoredObject(there.size, None)


def test_a_store_that_verifies_nothing_is_not_said_to_have_verified() -> None:
    world = World()
    plain = Plain()
    world.uploads._objects = plain
    file = begun(world)
    assert file.upload_id
    plain.put_part(file.key, file.upload_id, 1, WORDS[:5])
    plain.put_part(file.key, file.upload_id, 2, WORDS[5:10])
    plain.put_part(file.key, file.upload_id, 3, WORDS[10:])
    world.uploads.complete(ANA, file.file_id, OTHER)

    done = Finishing(world.file_store, plain).finish(file.file_id)

    assert done is not None
    assert (done.status, done.checksum, done.checksum_verified) == (FileStatus.READY, OTHER, False)


class Careless(MemoryObjectStore):
    """A store that takes a checksum and compares nothing, as moto's S3 does."""

    def finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], checksum: str | None
    ) -> None:
        super().finish(key, upload_id, parts, None)


def test_a_store_that_compares_nothing_is_not_believed() -> None:
    world = World()
    file = completed(world, checksum=OTHER)
    careless = Careless()
    careless.uploads = world.objects.uploads

    done = Finishing(world.file_store, careless).finish(file.file_id)

    assert done is not None
    assert (done.status, done.checksum_verified) == (FileStatus.REJECTED, False)
