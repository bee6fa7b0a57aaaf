"""Uploads of files whose clients do not say how long they are: Uppy's, for one."""

import pytest

from chat4all.errors import Conflict, Rejected, TooLarge
from chat4all.file import FileStatus
from tests.builders import as_user
from tests.uploading import WORDS, begun, put, to_check
from tests.world import World

pytestmark = pytest.mark.req("RF-004")
ANA = as_user("ana")


def test_a_file_of_unknown_length_is_as_long_as_its_parts() -> None:
    world = World()
    file = begun(world, size=None)
    put(world, file)

    done = world.uploads.complete(ANA, file.file_id)

    assert (done.status, done.size) == (FileStatus.CHECKING, len(WORDS))


def test_a_file_of_unknown_length_without_parts_is_not_complete() -> None:
    world = World()
    file = begun(world, size=None)

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id)

    assert refused.value.extra == {"missing_parts": [1]}


def test_a_file_of_unknown_length_has_no_gaps() -> None:
    world = World()
    file = begun(world, size=None)
    put(world, file, [1, 3])  # S3 would put them together without a word

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id)

    assert refused.value.extra == {"missing_parts": [2]}


def test_a_file_of_unknown_length_has_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    file = begun(world, size=None)
    put(world, file)
    monkeypatch.setattr("chat4all.uploads.MAX_SIZE", len(WORDS) - 1)

    with pytest.raises(TooLarge):
        world.uploads.complete(ANA, file.file_id)

    assert to_check(world) == []
    assert world.objects.uploads == {}, "it is not paid for until tomorrow"
    assert world.store.files[file.file_id].reason == "file_too_large"


@pytest.mark.parametrize(("there", "missing"), [([1, 2], [3]), ([], [1, 2, 3]), ([2], [1, 3])])
def test_what_a_client_says_it_sent_must_be_there(there: list[int], missing: list[int]) -> None:
    world = World()
    file = begun(world, size=None)
    if there:
        put(world, file, there)

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id, sent=[1, 2, 3])

    assert refused.value.extra == {"missing_parts": missing}


def test_an_empty_part_is_no_file() -> None:
    world = World()
    file = begun(world, size=None)
    world.objects.put_part(file.key, file.upload_id or "", 1, b"")

    with pytest.raises(Rejected):
        world.uploads.complete(ANA, file.file_id)


def test_what_others_sent_besides_is_no_part_of_the_file() -> None:
    world = World()
    file = begun(world, size=None)
    put(world, file)

    with pytest.raises(Conflict) as refused:
        world.uploads.complete(ANA, file.file_id, sent=[1])

    assert refused.value.code == "other_parts"
    assert refused.value.extra == {"other_parts": [2, 3]}


def test_there_are_no_more_urls_than_a_file_may_have_parts() -> None:
    world = World()
    file = begun(world, size=None)

    assert len(world.uploads.part_urls(file, [409, 410, 411])) == 2
    with pytest.raises(Rejected, match="no_such_part"):
        world.uploads.part_urls(file, [411])
