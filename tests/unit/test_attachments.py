"""A message's file on its way to a channel: as an attachment, or as a link in a text."""

from contextlib import suppress

import pytest

from chat4all.delivering import LOOK_AGAIN
from chat4all.delivery import Delivery, channel_queue
from chat4all.errors import Unavailable
from chat4all.file import FileStatus
from chat4all.receipts import Status
from tests.builders import received
from tests.uploading import PNG, WORDS, checked
from tests.world import World

pytestmark = pytest.mark.req("RF-003")


def a_world(*people: str, largest: int = 1_000) -> tuple[World, str]:
    """People on a WhatsApp that carries files up to a size, in one conversation with Ana."""
    world = World()
    world.user("ana", "Ana")
    for person in people:
        world.user(person, whatsapp=person)
    world.whatsapp.largest_file = largest
    return world, world.conversation("ana", *people)


def send(world: World, conversation: str, caption: str | None = None, **more) -> str:
    file = checked(world, **more)
    return say(world, conversation, file.file_id, caption)


def say(world: World, conversation: str, file_id: str, caption: str | None = None) -> str:
    payload = {"type": "file", "file_id": file_id, "caption": caption}
    return world.say(conversation, "ana", payload=payload)


def test_a_file_within_the_channels_limits_is_an_attachment() -> None:
    world, conversation = a_world("bo")
    message_id = send(world, conversation, "Look!", content=PNG, filename="a.png")

    world.drain()

    assert world.whatsapp.sent == [("bo", "[a.png] Look!")]
    assert world.status(message_id) is Status.SENT
    assert world.file_store._links == {}, "nobody needs a link"


def test_a_file_over_the_channels_limits_is_a_link() -> None:
    world, conversation = a_world("bo", largest=len(WORDS) - 1)
    message_id = send(world, conversation, "Look!")

    world.drain()

    [words] = world.whatsapp.texts_to("bo")
    caption, about, link = words.split("\n")
    assert (caption, about) == ("Look!", "words.txt (12 bytes)")
    assert world.downloads.linked_url(link.removeprefix("https://api.example.com/f/"))
    assert world.status(message_id) is Status.SENT


def test_a_file_of_just_the_channels_limit_is_an_attachment() -> None:
    world, conversation = a_world("bo", largest=len(WORDS))
    send(world, conversation)

    world.drain()

    assert world.whatsapp.sent == [("bo", "[words.txt]")]


def test_a_link_without_a_caption_says_what_it_leads_to() -> None:
    world, conversation = a_world("bo", largest=0)
    send(world, conversation)
    world.drain()

    [words] = world.whatsapp.texts_to("bo")
    assert words.startswith("words.txt (12 bytes)\nhttps://api.example.com/f/")


@pytest.mark.parametrize(
    ("largest", "caption", "beginning"),
    [
        (1000, "Look!", "[words.txt] Ana: Look!"),
        (1000, None, "[words.txt] Ana"),
        (0, "Look!", "Ana: Look!\nwords.txt (12 bytes)\nhttps://"),
        (0, None, "Ana: words.txt (12 bytes)\nhttps://"),
    ],
)
def test_in_a_group_it_says_who_sent_it(largest, caption, beginning) -> None:
    world, conversation = a_world("bo", "cy", largest=largest)
    send(world, conversation, caption)

    world.drain()

    assert len(world.whatsapp.sent) == 2
    assert all(words.startswith(beginning) for _, words in world.whatsapp.sent)


def test_words_that_do_not_fit_with_the_file_go_before_it() -> None:
    world, conversation = a_world("bo")
    world.whatsapp.limit = 4
    send(world, conversation, "Look!")

    world.drain()

    assert world.whatsapp.texts_to("bo") == ["Look", "!", "[words.txt]"]


def an_unfinished(world: World, conversation: str, status: FileStatus, **facts) -> str:
    """A message whose file is not READY: such come in on channels."""
    file = checked(world)
    message_id = say(world, conversation, file.file_id)
    world.file_store.move(file, status, **facts)
    return message_id


@pytest.mark.parametrize("status", [FileStatus.UPLOADING, FileStatus.CHECKING])
def test_a_file_that_is_not_ready_waits_and_goes_when_it_is(status: FileStatus) -> None:
    world, conversation = a_world("bo")
    message_id = an_unfinished(world, conversation, status)
    after = world.say(conversation, "ana", "after it")
    world.route()

    [waiting, held] = world.deliver()
    before = list(world.whatsapp.sent)
    world.file_store.move(world.store.files[waiting.payload.file_id], FileStatus.READY)
    world.drain()

    assert (waiting.message_id, held.message_id, before) == (message_id, after, [])
    assert all(seconds >= LOOK_AGAIN for _, _, seconds in world.queue.hidden)
    assert world.whatsapp.texts_to("bo") == ["[words.txt]", "after it"]


def test_a_file_that_is_waited_for_says_nothing_of_the_channel() -> None:
    world, conversation = a_world("bo")
    an_unfinished(world, conversation, FileStatus.UPLOADING)
    world.route()

    for _ in range(10):
        world.deliver()

    assert world.breakers.get("whatsapp").failures == 0


@pytest.mark.parametrize(
    ("status", "facts", "reason"),
    [
        (FileStatus.REJECTED, {"reason": "download_failed", "detail": "8 tries"}, "8 tries"),
        (FileStatus.ABORTED, {"reason": "aborted"}, "ABORTED"),
    ],
)
def test_a_file_that_never_comes_fails_with_the_reason(status, facts, reason) -> None:
    world, conversation = a_world("bo")
    message_id = an_unfinished(world, conversation, status, **facts)
    after = world.say(conversation, "ana", "after it")

    world.drain()

    assert world.status(message_id) is Status.FAILED
    failure = world.place(message_id).failures[0]
    assert (failure.code, failure.reason) == ("file_not_available", reason)
    assert world.status(after) is Status.SENT


def test_a_file_that_is_gone_fails_too() -> None:
    world, conversation = a_world("bo")
    message_id = send(world, conversation)
    world.store.files.clear()

    world.drain()

    assert world.place(message_id).failures[0].code == "file_not_available"


def test_a_store_that_does_not_answer_repeats_nobody_elses_message() -> None:
    world, conversation = a_world("bo", "cy")
    message_id = send(world, conversation)
    world.route()
    batch = world.queue.take(channel_queue("whatsapp"))
    [bo, cy] = [received(Delivery.model_validate_json(body)) for body in batch]
    get, asked = world.file_store.get, []

    def once(file_id: str):
        asked.append(file_id)
        if len(asked) == 2:
            raise Unavailable("table")
        return get(file_id)

    world.file_store.get = once
    for _ in range(2):
        with suppress(Unavailable):
            world.delivering["whatsapp"].deliver([bo, cy])

    assert sorted(to for to, _ in world.whatsapp.sent) == ["bo", "cy"]
    assert world.status(message_id) is Status.SENT
