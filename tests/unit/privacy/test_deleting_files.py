"""Deleting a file: nobody can fetch it from then on, and its bytes go after."""

from __future__ import annotations

import pytest

from chat4all.errors import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    TryLater,
    Unavailable,
    Undeliverable,
)
from chat4all.file import FileStatus
from chat4all.message import FileContent
from tests.builders import SERVICE, a_delivery, as_user
from tests.privacy import PrivateWorld

pytestmark = pytest.mark.req("RNF-009")
ANA, BO = as_user("ana"), as_user("bo")
FILE = "00000000-0000-4000-8000-0000000000f1"


def a_world(status: FileStatus = FileStatus.READY) -> PrivateWorld:
    """Ana's file, which she shared with Bo."""
    world = PrivateWorld()
    conversation = world.conversation("ana", "bo")
    world.a_file(FILE, "ana", status)
    world.file_store.share(FILE, conversation, world.clock.now())
    return world


def test_a_deleted_file_is_gone_for_everybody_and_its_bytes_with_it() -> None:
    world = a_world()
    link = world.downloads.new_link(world.store.files[FILE])

    world.deleting.delete(ANA, FILE)

    file = world.store.files[FILE]
    assert (file.status, file.filename, file.reason) == (FileStatus.DELETED, "", "deleted")
    for caller in (ANA, BO, SERVICE):
        with pytest.raises(Gone, match="file_deleted"):
            world.downloads.content_url(caller, FILE)
    with pytest.raises(NotFound, match="file_not_found"):
        world.downloads.content_url(as_user("eve"), FILE)
    with pytest.raises(NotFound, match="link_not_found"):
        world.downloads.linked_url(link.rpartition("/")[2])
    world.pass_over()
    assert world.objects.objects == {}


def test_deleting_it_again_changes_nothing_and_queues_it_again() -> None:
    world = a_world()

    for _ in range(2):
        world.deleting.delete(ANA, FILE)

    assert len(world.jobs.waiting) == 2
    world.pass_over()
    assert world.objects.objects == {}


def test_a_death_before_the_queue_is_made_good_by_the_repeat() -> None:
    world = a_world()
    world.jobs.down = True
    with pytest.raises(Unavailable):
        world.deleting.delete(ANA, FILE)
    assert world.store.files[FILE].status is FileStatus.DELETED

    world.jobs.down = False
    world.deleting.delete(ANA, FILE)
    world.pass_over()

    assert world.objects.objects == {}


def test_only_its_owner_and_services_delete_a_file() -> None:
    world = a_world()

    with pytest.raises(Forbidden, match="not_file_owner"):
        world.deleting.delete(BO, FILE)
    with pytest.raises(NotFound):
        world.deleting.delete(as_user("eve"), FILE)
    assert world.store.files[FILE].status is FileStatus.READY

    world.deleting.delete(SERVICE, FILE)
    assert world.store.files[FILE].status is FileStatus.DELETED


def test_the_trail_has_what_services_delete_and_not_what_is_somebodys_own() -> None:
    world = a_world()
    world.a_file("another", "ana")

    world.deleting.delete(ANA, FILE)
    assert world.actions() == []

    for _ in range(2):
        world.deleting.delete(SERVICE, "another")
    [record] = world.trail.records
    assert (record.action, record.target) == ("file.deleted", "another")
    assert (record.actor, record.detail) == ("c4a_service", {"owner": "ana"})


@pytest.mark.parametrize("status", [FileStatus.CHECKING, FileStatus.REJECTED])
def test_what_is_being_checked_or_was_rejected_is_not_deleted(status: FileStatus) -> None:
    world = a_world(status)

    with pytest.raises(Conflict, match="file_not_uploading"):
        world.deleting.delete(ANA, FILE)

    assert world.store.files[FILE].status is status


def test_a_deleted_file_is_not_completed_again() -> None:
    world = a_world()
    world.deleting.delete(ANA, FILE)

    for do in (world.uploads.complete, world.uploads.uploading, world.uploads.abort):
        with pytest.raises(Conflict, match="file_not_uploading") as refused:
            do(ANA, FILE)
        assert refused.value.extra == {"file_status": "DELETED"}


def test_an_upload_is_aborted_as_before() -> None:
    world = a_world(FileStatus.UPLOADING)

    world.deleting.delete(ANA, FILE)

    assert world.store.files[FILE].status is FileStatus.ABORTED
    assert world.jobs.waiting == []


def test_messages_keep_that_there_was_a_file_and_nobody_sends_it_on() -> None:
    world = a_world()
    conversation = world.conversation("ana", "bo")
    payload = {"type": "file", "file_id": FILE}
    world.say(conversation, "ana", payload=payload)
    world.drain()

    world.deleting.delete(ANA, FILE)

    page = world.history.page(BO, conversation, since=0, before=None, limit=9)
    [view] = page.views
    assert isinstance(view.message.payload, FileContent)
    with pytest.raises(NotFound, match="file_not_found"):
        world.say(conversation, "ana", payload=payload)


def test_a_delivery_that_waits_with_a_deleted_file_fails_at_once() -> None:
    world = a_world()
    world.deleting.delete(ANA, FILE)
    content = FileContent(type="file", file_id=FILE, filename="a", content_type="image/png")

    with pytest.raises((Undeliverable, TryLater)) as failed:
        world.delivering["whatsapp"]._sending._attachments.resolve(
            a_delivery(payload=content), world.whatsapp
        )

    assert failed.type is Undeliverable
    assert failed.value.code == "file_not_available"


def test_a_check_that_ends_after_its_owner_was_erased_leaves_no_bytes() -> None:
    world = PrivateWorld()
    world.user("ana")
    begun = world.objects.begin(f"files/{FILE}", "image/png")
    world.objects.put_part(f"files/{FILE}", begun.upload_id, 1, b"\x89PNG\r\n\x1a\n.")
    world.a_file(FILE, "ana", FileStatus.CHECKING, upload_id=begun.upload_id)
    look = world.objects.look

    def erased_meanwhile(key: str) -> object:
        world.erase("ana")
        world.objects.objects[key] = b"\x89PNG\r\n\x1a\n."  # put together a moment later
        return look(key)

    world.objects.look = erased_meanwhile  # type: ignore[method-assign, assignment]
    file = world.finishing.finish(FILE)

    assert file is not None and file.status is FileStatus.DELETED
    assert (world.objects.objects, world.objects.uploads) == ({}, {})
