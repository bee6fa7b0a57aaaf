"""A worker that dies while it checks an upload: another one goes on, and ends the same."""

from collections.abc import Sequence

import pytest

from chat4all.adapters.memory import MemoryObjectStore
from chat4all.errors import Unavailable
from chat4all.file import File, FileStatus
from chat4all.finishing import Finishing
from chat4all.ports import StoredPart
from tests.uploading import PNG, completed
from tests.world import World

pytestmark = [pytest.mark.req("RF-003"), pytest.mark.req("RNF-004")]
OTHER = "AAAAAAAAAAA="


def right(content: bytes) -> str:
    return MemoryObjectStore.checksum_of(content)


def reason(world: World, file: File) -> tuple[FileStatus, str | None]:
    there = world.store.files[file.file_id]
    return there.status, there.reason


def left(world: World) -> tuple[dict, dict]:
    return world.objects.uploads, world.objects.objects


class Dying(MemoryObjectStore):
    """The worker dies once: right after the step that is named."""

    step = ""

    def _die(self, step: str) -> None:
        if self.step == step:
            self.step = ""
            raise Unavailable(step)

    def finish(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], checksum: str | None
    ) -> None:
        super().finish(key, upload_id, parts, checksum)
        self._die("finish")

    def beginning(self, key: str, length: int) -> bytes:
        self._die("beginning")
        return super().beginning(key, length)

    def abort(self, key: str, upload_id: str) -> None:
        super().abort(key, upload_id)
        self._die("abort")

    def delete(self, key: str) -> None:
        super().delete(key)
        self._die("delete")


@pytest.mark.parametrize("step", ["finish", "beginning"])
def test_a_worker_that_dies_is_followed_by_another_one(step: str) -> None:
    world = World()
    file = completed(world, PNG, checksum=right(PNG), content_type="image/png")
    dying = _dying(world, step)

    with pytest.raises(Unavailable):
        dying.finish(file.file_id)
    done = dying.finish(file.file_id)

    assert done is not None
    assert (done.status, done.checksum_verified) == (FileStatus.READY, True)


@pytest.mark.parametrize("step", ["abort", "delete"])
def test_a_worker_that_dies_while_it_rejects_is_followed_by_another_one(step: str) -> None:
    world = World()
    file = completed(world, checksum=OTHER)
    dying = _dying(world, step)

    with pytest.raises(Unavailable):
        dying.finish(file.file_id)
    dying.finish(file.file_id)

    assert reason(world, file)[0] is FileStatus.REJECTED
    assert left(world) == ({}, {})


def test_a_rejection_that_is_repeated_has_the_same_reason() -> None:
    world = World()
    file = completed(world, checksum=OTHER)
    dying = _dying(world, "delete")

    with pytest.raises(Unavailable):
        dying.finish(file.file_id)
    dying.finish(file.file_id)

    assert reason(world, file) == (FileStatus.REJECTED, "checksum_mismatch")


def _dying(world: World, step: str) -> Finishing:
    objects = Dying()
    objects.uploads, objects.objects = world.objects.uploads, world.objects.objects
    objects.step = step
    return Finishing(world.file_store, objects)
