"""What people send on channels: announced at once, fetched after, and checked."""

import hashlib

import pytest

from chat4all.delivery import INBOUND, InboundUpdate, MediaPayload
from chat4all.errors import TryLater, Unavailable, Undeliverable
from chat4all.fetching import FIRST_WAIT, LONGEST_AGE, LONGEST_WAIT
from chat4all.file import FileStatus
from chat4all.file_jobs import MEDIA, FetchMedia
from tests.builders import NOW, SERVICE, as_user
from tests.uploading import PDF, PNG
from tests.world import World

pytestmark = pytest.mark.req("RF-003")
SHA = hashlib.sha256(PNG).hexdigest()
BUSY = TryLater("http_503", "It was not given.")


def a_media(provider_id: str = "wamid.1", **fields) -> InboundUpdate:
    media = MediaPayload(**{"reference": "media-1", "content_type": "image/png", **fields})
    return InboundUpdate(
        channel="whatsapp",
        provider_id=provider_id,
        account="1555",
        address="551100",
        name="Bo",
        payload=media,
        at=NOW,
    )


def jobs(world: World) -> list[FetchMedia]:
    return [FetchMedia.model_validate_json(b) for b in world.queue.take(MEDIA)]


def announced(content: bytes = PNG, **fields) -> tuple[World, FetchMedia]:
    """Bo, whom Ana wrote to, has sent a picture; it is still at the provider."""
    world = World()
    world.user("bo", whatsapp="551100")
    world.conversation("ana", "bo")
    world.whatsapp.media["media-1"] = content
    world.inbound.receive(a_media(**fields))
    [job] = jobs(world)
    return world, job


def test_a_file_is_announced_at_once_and_keeps_its_place() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    earlier = world.say(conversation, "ana")

    message_id = world.inbound.receive(a_media(caption="Look!"))
    later = world.say(conversation, "ana")
    world.route()

    message = world.store.messages[message_id]
    assert [world.place(i).seq for i in (earlier, message_id, later)] == [1, 2, 3]
    assert (message.conversation_id, message.sender) == (conversation, "bo")
    assert (message.payload.caption, message.payload.content_type) == ("Look!", "image/png")
    assert (message.payload.filename, message.payload.size) == ("image.png", None)
    file = world.store.files[message.payload.file_id]
    assert (file.owner, file.origin, file.status) == ("bo", "whatsapp", FileStatus.UPLOADING)
    assert world.uploads.show(as_user("ana"), file.file_id).file == file


def test_a_repeat_of_the_callback_changes_nothing() -> None:
    world, _ = announced()
    before = dict(world.store.files), dict(world.store.messages)

    world.queue.forget_duplicates()
    world.inbound.receive(a_media())

    assert (dict(world.store.files), dict(world.store.messages)) == before
    assert jobs(world) == [], "it was asked for before there was a message"


def test_a_file_is_asked_for_again_when_the_first_time_ended_before_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()

    def dies(_: object) -> None:
        raise Unavailable("died")

    with monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr(world.message_store, "add", dies)
        world.inbound.receive(a_media())
    [job] = jobs(world)
    world.queue.forget_duplicates()
    world.inbound.receive(a_media())

    assert jobs(world) == [job]


def test_a_repeat_after_it_was_fetched_fetches_nothing() -> None:
    world, job = announced()
    world.fetching.fetch(job)
    world.queue.forget_duplicates()

    world.inbound.receive(a_media())

    assert jobs(world) == []


@pytest.mark.parametrize(
    ("fields", "name", "content_type"),
    [
        ({"filename": "../a.pdf", "content_type": "application/pdf"}, "_a.pdf", "application/pdf"),
        ({"content_type": "audio/mpeg; x=y"}, "audio.mp3", "audio/mpeg"),
        ({"content_type": "what is this"}, "what is this.bin", "application/octet-stream"),
        ({"filename": "", "content_type": "image/jpeg"}, "image.jpg", "image/jpeg"),
    ],
)
def test_what_a_provider_says_of_a_file_is_made_safe(fields, name, content_type) -> None:
    world, job = announced(**fields)

    file = world.store.files[job.file_id]

    assert (file.filename, file.content_type) == (name, content_type)


@pytest.mark.parametrize("caption", [None, "", "x" * 2000])
def test_a_caption_is_kept_within_its_limit(caption: str | None) -> None:
    world, _ = announced(caption=caption)

    [message] = world.store.messages.values()

    assert message.payload.caption == ((caption or "")[:1024] or None)


@pytest.mark.parametrize("sha256", [SHA, None])
def test_a_file_is_fetched_and_ready(sha256: str | None) -> None:
    world, job = announced(sha256=sha256)

    file = world.fetching.fetch(job)

    assert file == world.store.files[job.file_id]
    assert (file.status, file.size, file.sha256) == (FileStatus.READY, len(PNG), SHA)
    assert file.content_type == "image/png"
    assert (world.objects.objects, world.objects.uploads) == ({file.key: PNG}, {})
    assert world.downloads.content_url(as_user("ana"), file.file_id)


def test_a_file_that_is_something_else_is_no_picture() -> None:
    world, job = announced(PDF)

    file = world.fetching.fetch(job)

    assert file and file.status is FileStatus.READY
    assert file.content_type == "application/octet-stream"


def test_a_second_job_fetches_nothing() -> None:
    world, job = announced()
    file = world.fetching.fetch(job)
    world.whatsapp.media.clear()

    assert world.fetching.fetch(job) == file


@pytest.mark.parametrize(
    ("age", "wait"), [(0, FIRST_WAIT), (20, 5), (1000, 250), (LONGEST_AGE - 1, LONGEST_WAIT)]
)
def test_a_provider_that_does_not_give_it_is_asked_again_later(age: float, wait: float) -> None:
    world, job = announced()
    world.clock.advance(age)
    world.whatsapp.fails("media-1", BUSY)

    with pytest.raises(TryLater) as error:
        world.fetching.fetch(job)

    assert error.value.retry_after == wait
    assert world.store.files[job.file_id].status is FileStatus.UPLOADING


def test_a_provider_may_say_when() -> None:
    world, job = announced()
    world.whatsapp.fails("media-1", TryLater("http_429", "slow", retry_after=17))

    with pytest.raises(TryLater) as error:
        world.fetching.fetch(job)

    assert error.value.retry_after == 17


@pytest.mark.parametrize(
    ("age", "error", "detail"),
    [
        (LONGEST_AGE, BUSY, "It was tried for a day: http_503: It was not given."),
        (0, Undeliverable("100", "no such media"), "100: no such media"),
    ],
)
def test_a_file_that_is_not_to_be_had_is_rejected_with_the_reason(age, error, detail) -> None:
    world, job = announced()
    world.clock.advance(age)
    world.whatsapp.fails("media-1", error)

    file = world.fetching.fetch(job)

    assert file is not None
    assert (file.status, file.reason) == (FileStatus.REJECTED, "download_failed")
    assert file.detail == detail
    [message] = world.store.messages.values()
    assert message.payload.file_id == file.file_id, "the message stays"


def test_fetching_begins_again_where_it_failed() -> None:
    world, job = announced()
    world.whatsapp.fails("media-1", BUSY, BUSY)
    for _ in range(2):
        with pytest.raises(TryLater):
            world.fetching.fetch(job)

    file = world.fetching.fetch(job)

    assert file and file.status is FileStatus.READY
    assert world.queue.queues.keys() <= {INBOUND}


def test_a_token_that_has_expired_is_waited_for_like_a_provider_that_is_down() -> None:
    world, job = announced()
    world.clock.advance(3600)
    world.whatsapp.fails("media-1", TryLater("190", "token expired", opens_breaker=True))

    with pytest.raises(TryLater):
        world.fetching.fetch(job)

    assert world.fetching.fetch(job).status is FileStatus.READY


def test_looking_at_it_a_day_later_does_not_end_a_file_that_still_waits() -> None:
    world, job = announced()
    world.clock.advance(25 * 3600)

    assert world.uploads.show(SERVICE, job.file_id).file.status is FileStatus.UPLOADING


def test_what_a_dead_worker_stored_of_a_file_that_is_over_is_removed() -> None:
    world, job = announced()
    file = world.store.files[job.file_id]
    world.objects.objects[file.key] = b"stored, and then it died"
    world.file_store.move(file, FileStatus.ABORTED)

    world.fetching.fetch(job)

    assert world.objects.objects == {}
