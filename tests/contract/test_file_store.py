"""FileStore: what is known of a file, who it was shared with, and the links that show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chat4all.adapters.dynamodb import DynamoFileStore, Table
from chat4all.adapters.dynamodb.table import Item
from chat4all.errors import Raced
from chat4all.file import File, FileStatus
from tests.contract.samples import NOW, a_file
from tests.contract.worlds import Aws, Stores

pytestmark = pytest.mark.req("RN-003")
MINUTE = 60_000
EVERYTHING = {
    "size": 2 * 1024**3,
    "part_size": 64 * 1024**2,
    "upload_id": "upload-1",
    "verifies": True,
    "checksum": "yvoYvQzVp3g=",
    "checksum_verified": True,
    "sha256": "a" * 64,
    "reason": "checksum_mismatch",
    "detail": "The bytes have another checksum. ✓",
    "origin": "whatsapp",
}


@pytest.mark.parametrize("facts", [{}, EVERYTHING, {"owner": None}], ids=["new", "full", "ours"])
def test_a_file_comes_back_as_it_was_added(stores: Stores, facts: dict[str, Any]) -> None:
    file = a_file(**facts)

    assert stores.files.add(file) == file

    assert stores.files.get(file.file_id) == file
    assert stores.files.get("another") is None


def test_an_id_is_taken_once_and_the_first_file_comes_back(stores: Stores) -> None:
    first = stores.files.add(a_file(filename="first.png"))

    again = stores.files.add(a_file(filename="second.png", owner="mallory"))

    assert again == first
    assert stores.files.get(first.file_id) == first


def test_of_those_who_add_at_once_one_is_there_for_all(stores: Stores) -> None:
    found: list[File] = []
    names = [f"{number}.png" for number in range(5)]

    stores.race(
        *[lambda n=name: found.append(stores.files.add(a_file(filename=n))) for name in names]
    )

    assert [stores.files.get(found[0].file_id)] * 5 == found


def test_a_move_sets_the_status_and_its_facts_and_keeps_the_others(stores: Stores) -> None:
    file = stores.files.add(a_file(size=10, upload_id="upload-1"))

    checking = stores.files.move(file, FileStatus.CHECKING, checksum="yvoYvQzVp3g=", size=10)
    ready = stores.files.move(checking, FileStatus.READY, checksum_verified=True)

    assert checking == file.model_copy(
        update={"status": FileStatus.CHECKING, "checksum": "yvoYvQzVp3g="}
    )
    assert ready == checking.model_copy(
        update={"status": FileStatus.READY, "checksum_verified": True}
    )
    assert stores.files.get(file.file_id) == ready


def test_a_fact_that_is_not_known_may_be_none(stores: Stores) -> None:
    """As the checksum of a client that says none, or of a store that computes none."""
    file = stores.files.add(a_file())

    moved = stores.files.move(file, FileStatus.CHECKING, checksum=None, sha256=None, size=7)

    assert moved == file.model_copy(update={"status": FileStatus.CHECKING, "size": 7})
    assert stores.files.get(file.file_id) == moved


def test_a_fact_that_is_none_says_nothing_about_what_is_known(stores: Stores) -> None:
    file = stores.files.add(a_file(sha256="a" * 64))

    moved = stores.files.move(file, FileStatus.CHECKING, sha256=None)

    assert moved.sha256 == "a" * 64
    assert stores.files.get(file.file_id) == moved


def test_a_file_that_moved_meanwhile_is_raced_and_left_alone(stores: Stores) -> None:
    file = stores.files.add(a_file())
    aborted = stores.files.move(file, FileStatus.ABORTED, reason="aborted")

    with pytest.raises(Raced):
        stores.files.move(file, FileStatus.CHECKING, checksum="yvoYvQzVp3g=")

    assert stores.files.get(file.file_id) == aborted


def test_a_file_that_is_not_there_cannot_be_moved(stores: Stores) -> None:
    with pytest.raises(Raced):
        stores.files.move(a_file(), FileStatus.ABORTED)

    assert stores.files.get(a_file().file_id) is None


def test_of_those_who_move_at_once_one_succeeds(stores: Stores) -> None:
    file = stores.files.add(a_file())
    to = [FileStatus.CHECKING, FileStatus.ABORTED] * 3

    errors = stores.race(*[lambda s=status: stores.files.move(file, s) for status in to])

    assert sorted(map(type, errors), key=str) == sorted([type(None), *[Raced] * 5], key=str)
    [winner] = [status for status, error in zip(to, errors, strict=True) if error is None]
    moved = stores.files.get(file.file_id)
    assert moved is not None and moved.status is winner


def test_a_file_is_shared_in_each_conversation_once(stores: Stores) -> None:
    file = stores.files.add(a_file())

    for conversation in ("two", "one", "two"):
        stores.files.share(file.file_id, conversation, NOW)
    stores.files.share("another", "three", NOW)

    assert sorted(stores.files.shared_in(file.file_id)) == ["one", "two"]
    assert stores.files.shared_in("nobody's") == []
    assert stores.files.get(file.file_id) == file


def test_a_file_may_be_shared_before_it_is_known(stores: Stores) -> None:
    """What people send is announced and shared by workers that know nothing of each other."""
    stores.files.share(a_file().file_id, "one", NOW)

    assert stores.files.add(a_file()) == a_file()
    assert stores.files.shared_in(a_file().file_id) == ["one"]


class TwoAPage(Table):
    """A megabyte of rows makes a page; two rows do here."""

    def query(self, condition: str, values: Mapping[str, Any], **more: Any) -> Iterator[Item]:
        return super().query(condition, values, Limit=2, **more)


def test_the_conversations_of_a_file_may_take_pages(aws: Aws) -> None:
    table = aws.table()
    files = DynamoFileStore(TwoAPage(table.client, table.name))
    conversations = [f"conversation-{number}" for number in range(7)]

    for conversation in conversations:
        files.share("file-1", conversation, NOW)

    assert sorted(files.shared_in("file-1")) == conversations


def test_a_link_shows_its_file_until_it_is_over(stores: Stores) -> None:
    stores.files.add_link("a" * 64, "file-1", NOW + MINUTE)
    stores.files.add_link("b" * 64, "file-2", NOW + 2 * MINUTE)

    assert stores.files.linked("a" * 64, NOW) == "file-1"
    assert stores.files.linked("a" * 64, NOW + MINUTE - 1000) == "file-1"
    assert stores.files.linked("a" * 64, NOW + MINUTE) is None
    assert stores.files.linked("b" * 64, NOW + MINUTE) == "file-2"
    assert stores.files.linked("c" * 64, NOW) is None


def test_a_link_never_lasts_longer_than_said(stores: Stores) -> None:
    """The table's TTL counts in seconds: what is left of one is dropped."""
    stores.files.add_link("a" * 64, "file-1", NOW + 1999)

    assert stores.files.linked("a" * 64, NOW + 999) == "file-1"
    assert stores.files.linked("a" * 64, NOW + 1999) is None


def test_a_token_is_given_once(stores: Stores) -> None:
    stores.files.add_link("a" * 64, "file-1", NOW + MINUTE)

    with pytest.raises(Raced):
        stores.files.add_link("a" * 64, "file-2", NOW + 2 * MINUTE)

    assert stores.files.linked("a" * 64, NOW) == "file-1"
