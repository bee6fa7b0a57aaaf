"""How uploads end without a file: aborted, expired or raced."""

import pytest

from chat4all.errors import Conflict
from chat4all.file import FileStatus
from tests.builders import as_user
from tests.uploading import a_racing_world, begun, put, to_check, uploaded
from tests.world import World

pytestmark = pytest.mark.req("RF-004")
ANA = as_user("ana")


def test_an_aborted_upload_is_gone_from_the_store_and_may_be_aborted_again() -> None:
    world = World()
    file = uploaded(world)

    for _ in range(2):
        world.uploads.abort(ANA, file.file_id)

    there = world.uploads.show(ANA, file.file_id)
    assert (there.file.status, there.file.reason) == (FileStatus.ABORTED, "aborted")
    assert (there.present, there.missing) == ([], [])
    assert world.objects.uploads == {}


def test_an_aborted_upload_cannot_be_completed_or_gone_on_with() -> None:
    world = World()
    file = uploaded(world)
    world.uploads.abort(ANA, file.file_id)

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id)
    with pytest.raises(Conflict):
        world.uploads.uploading(ANA, file.file_id)

    assert refused.value.code == "file_not_uploading"
    assert refused.value.extra == {"file_status": "ABORTED"}
    assert to_check(world) == []


def test_a_completed_upload_cannot_be_aborted() -> None:
    world = World()
    file = uploaded(world)
    world.uploads.complete(ANA, file.file_id)

    with pytest.raises(Conflict, match="file_not_uploading"):
        world.uploads.abort(ANA, file.file_id)

    assert world.store.files[file.file_id].status is FileStatus.CHECKING
    assert len(world.objects.uploads) == 1


def test_an_abort_that_comes_first_wins_over_a_completion() -> None:
    world, files = a_racing_world()
    file = uploaded(world)
    files.meanwhile.append(lambda: world.uploads.abort(ANA, file.file_id))

    with pytest.raises(Conflict, match="file_not_uploading"):
        world.uploads.complete(ANA, file.file_id)

    assert world.store.files[file.file_id].status is FileStatus.ABORTED
    assert (world.objects.uploads, to_check(world)) == ({}, [])


def test_a_completion_that_comes_first_wins_over_an_abort() -> None:
    world, files = a_racing_world()
    file = uploaded(world)
    files.meanwhile.append(lambda: world.uploads.complete(ANA, file.file_id))

    with pytest.raises(Conflict, match="file_not_uploading"):
        world.uploads.abort(ANA, file.file_id)

    assert len(world.objects.uploads) == 1, "its parts are still wanted"
    assert to_check(world) == [file.file_id]


def test_of_two_completions_at_once_both_are_right() -> None:
    world, files = a_racing_world()
    file = uploaded(world)
    files.meanwhile.append(lambda: world.uploads.complete(ANA, file.file_id))

    done = world.uploads.complete(ANA, file.file_id)

    assert done.status is FileStatus.CHECKING
    assert to_check(world) == [file.file_id]


def test_of_two_aborts_at_once_both_are_right() -> None:
    world, files = a_racing_world()
    file = uploaded(world)
    files.meanwhile.append(lambda: world.uploads.abort(ANA, file.file_id))

    world.uploads.abort(ANA, file.file_id)

    assert world.store.files[file.file_id].status is FileStatus.ABORTED


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(86_399, FileStatus.UPLOADING), (86_400, FileStatus.ABORTED), (9e6, FileStatus.ABORTED)],
)
def test_an_upload_lasts_a_day(seconds: float, status: FileStatus) -> None:
    world = World()
    file = begun(world)
    put(world, file, [1])
    world.clock.advance(seconds)

    assert world.uploads.show(ANA, file.file_id).file.status is status
    assert bool(world.objects.uploads) is (status is FileStatus.UPLOADING)


@pytest.mark.parametrize("use", ["uploading", "complete"])
def test_an_upload_that_is_over_says_so(use: str) -> None:
    world = World()
    file = uploaded(world)
    world.clock.advance(86_400)

    with pytest.raises(Conflict) as refused:
        getattr(world.uploads, use)(ANA, file.file_id)

    assert refused.value.code == "file_not_uploading"
    assert "within a day" in refused.value.detail
    stored = world.store.files[file.file_id]
    assert (stored.status, stored.reason) == (FileStatus.ABORTED, "upload_expired")


def test_aborting_an_upload_that_is_over_is_fine() -> None:
    world = World()
    file = uploaded(world)
    world.clock.advance(86_400)

    world.uploads.abort(ANA, file.file_id)

    assert world.store.files[file.file_id].reason == "upload_expired"


def test_an_upload_that_the_store_has_dropped_is_over() -> None:
    world = World()
    file = uploaded(world)
    world.objects.uploads.clear()

    there = world.uploads.show(ANA, file.file_id).file

    assert (there.status, there.reason) == (FileStatus.ABORTED, "parts_gone")


def test_whoever_looks_while_it_is_completed_does_not_end_it() -> None:
    world, files = a_racing_world()
    file = uploaded(world)
    upload = dict(world.objects.uploads)
    world.objects.uploads.clear()  # as `finish` does, between our two reads

    def be_completed() -> None:
        world.objects.uploads.update(upload)
        world.uploads.complete(ANA, file.file_id)

    files.meanwhile.append(be_completed)

    assert world.uploads.show(ANA, file.file_id).file.status is FileStatus.CHECKING
