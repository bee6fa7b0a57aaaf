"""Uploads: begun within limits, resumed, completed or aborted, once and for all."""

import pytest

from chat4all.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from chat4all.file import DEFAULT_PART, MAX_PART, MAX_SIZE, MIN_PART, UPLOAD_LASTS_MS, FileStatus
from tests.builders import SERVICE, an_id, as_user
from tests.uploading import (
    a_new_file,
    begun,
    checked,
    completed,
    put,
    to_check,
    uploaded,
)
from tests.world import World

pytestmark = pytest.mark.req("RF-004")
ANA = as_user("ana")
CHECKSUMS = "AAAAAAAAAAA=", "AAAAAAAAAAE="


@pytest.mark.parametrize("size", [1, MIN_PART, MAX_SIZE])
def test_an_upload_is_begun_for_whoever_asks(size: int) -> None:
    world = World()

    file = world.uploads.initiate(ANA, a_new_file(size, sha256="ab" * 32, filename="a/b.txt"))

    assert world.store.files == {file.file_id: file}
    assert (file.owner, file.status, file.size) == ("ana", FileStatus.UPLOADING, size)
    assert (file.filename, file.sha256, file.part_size) == ("a_b.txt", "ab" * 32, DEFAULT_PART)
    assert file.upload_expires_at == world.clock.now() + UPLOAD_LASTS_MS
    assert file.upload_id in world.objects.uploads


def test_a_file_over_two_gibibytes_is_refused_with_the_limit() -> None:
    world = World()

    with pytest.raises(TooLarge) as refused:
        world.uploads.initiate(ANA, a_new_file(MAX_SIZE + 1))

    assert (refused.value.code, refused.value.extra) == ("file_too_large", {"limit": MAX_SIZE})
    assert str(MAX_SIZE) in refused.value.detail
    assert (world.store.files, world.objects.uploads) == ({}, {})


@pytest.mark.parametrize(
    ("part_size", "count"), [(MIN_PART, 410), (DEFAULT_PART, 256), (MAX_PART, 32)]
)
def test_the_largest_file_has_so_many_parts(part_size: int, count: int) -> None:
    world = World()

    file = world.uploads.initiate(ANA, a_new_file(MAX_SIZE, part_size=part_size))

    assert file.part_count == count
    [last] = world.uploads.part_urls(file, [0, count, count + 1, -1])
    assert (last.number, last.size) == (count, MAX_SIZE - (count - 1) * part_size)


def test_a_service_may_say_whose_file_it_is_and_a_user_only_themselves() -> None:
    world = World()
    world.user("ana")

    anas = world.uploads.initiate(SERVICE, a_new_file(user_id="ana"))
    nobodys = world.uploads.initiate(SERVICE, a_new_file())

    assert (anas.owner, nobodys.owner) == ("ana", None)
    with pytest.raises(Exception, match="not_yourself"):
        world.uploads.initiate(ANA, a_new_file(user_id="bo"))
    with pytest.raises(Invalid, match="unknown_user"):
        world.uploads.initiate(SERVICE, a_new_file(user_id="nobody"))


def test_a_file_may_be_shared_from_the_beginning() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")

    file = world.uploads.initiate(ANA, a_new_file(conversation_id=conversation))

    assert world.file_store.shared_in(file.file_id) == [conversation]
    assert world.uploads.show(as_user("bo"), file.file_id).file == file


def test_a_file_is_shared_only_where_its_owner_is_a_member() -> None:
    world = World()
    theirs = world.conversation("bo", "cy")
    world.user("ana")

    with pytest.raises(NotFound):
        world.uploads.initiate(ANA, a_new_file(conversation_id=theirs))
    with pytest.raises(NotFound):
        world.uploads.initiate(ANA, a_new_file(conversation_id=an_id(404)))
    with pytest.raises(Invalid) as refused:
        world.uploads.initiate(SERVICE, a_new_file(conversation_id=theirs, user_id="ana"))

    assert refused.value.code == "owner_not_member"
    assert world.store.files == {}


def test_an_upload_shows_what_is_there_and_what_is_missing() -> None:
    world = World()
    file = begun(world)
    put(world, file, [1, 3])

    progress = world.uploads.show(ANA, file.file_id)

    assert [(p.number, p.size) for p in progress.present] == [(1, 5), (3, 2)]
    assert progress.missing == [2]


def test_a_part_of_another_length_is_missing() -> None:
    world = World()
    file = uploaded(world)
    world.objects.put_part(file.key, file.upload_id or "", 2, b"cut")

    assert world.uploads.show(ANA, file.file_id).missing == [2]


@pytest.mark.parametrize(("there", "missing"), [([2], [1, 3]), ([1, 2], [3])])
def test_what_is_missing_is_named_on_completion(there: list[int], missing: list[int]) -> None:
    world = World()
    file = begun(world)
    put(world, file, there)

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id)

    assert (refused.value.code, refused.value.extra) == (
        "parts_missing",
        {"missing_parts": missing},
    )
    assert world.store.files[file.file_id].status is FileStatus.UPLOADING
    assert to_check(world) == []


def test_an_upload_is_resumed_and_completed() -> None:
    world = World()
    file = begun(world)
    put(world, file, [1, 2])
    put(world, file, world.uploads.show(ANA, file.file_id).missing)

    done = world.uploads.complete(ANA, file.file_id, CHECKSUMS[0])

    assert (done.status, done.checksum) == (FileStatus.CHECKING, CHECKSUMS[0])
    assert to_check(world) == [file.file_id]


def test_completing_twice_changes_nothing_and_asks_for_the_check_again() -> None:
    world = World()
    first = completed(world, checksum=CHECKSUMS[0])
    world.queue.forget_duplicates()

    again = world.uploads.complete(ANA, first.file_id, CHECKSUMS[0])
    unsaid = world.uploads.complete(ANA, first.file_id)

    assert first == again == unsaid
    assert to_check(world) == [first.file_id] * 2


def test_completing_with_another_checksum_is_a_conflict() -> None:
    world = World()
    file = completed(world, checksum=CHECKSUMS[0])

    with pytest.raises(Conflict, match="checksum_differs"):
        world.uploads.complete(ANA, file.file_id, CHECKSUMS[1])

    assert world.store.files[file.file_id] == file


def test_a_file_that_is_ready_stays_so() -> None:
    world = World()
    file = checked(world)
    to_check(world)
    world.clock.advance(10 * 86_400)

    assert world.uploads.complete(ANA, file.file_id) == file
    assert world.uploads.show(ANA, file.file_id).file == file
    assert to_check(world) == []
    with pytest.raises(Conflict, match="file_not_uploading"):
        world.uploads.abort(ANA, file.file_id)
    with pytest.raises(Conflict, match="file_not_uploading"):
        world.uploads.uploading(ANA, file.file_id)


def test_a_check_that_could_not_be_queued_is_queued_by_the_repeat() -> None:
    world = World()
    file = uploaded(world)
    world.queue.down = True
    with pytest.raises(Unavailable):
        world.uploads.complete(ANA, file.file_id)
    world.queue.down = False

    again = world.uploads.complete(ANA, file.file_id)

    assert again.status is FileStatus.CHECKING
    assert to_check(world) == [file.file_id]
