"""Files that connectors send, against the running provider sandbox, which fetches them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from chat4all.delivery import Delivery, StatusUpdate, parse_opaque
from chat4all.errors import DeliveryError, Undeliverable
from chat4all.file import MAX_SIZE, clean_name
from chat4all.message import FileContent
from chat4all.ports import Attachment, Media
from chat4all.receipts import Mark
from tests.contract.buckets import some_bytes
from tests.contract.callbacks import Callbacks, Links
from tests.contract.provider import CONTENT_TYPES, IMITATED, Facts, Sandbox, connector_for

pytestmark = pytest.mark.req("RF-003")
TAKEN = {c: [t for t in CONTENT_TYPES if connector_for(c).takes(t, 1)] for c in IMITATED}
CONTENT = some_bytes(20_000)


def send(
    sandbox: Sandbox, links: Links, content: bytes, content_type: str, **other: Any
) -> tuple[Delivery, list[str]]:
    """Send a file with its words as Delivering does; the providers' ids of the parts."""
    url = links.file(content, content_type)
    name = other.pop("filename", "a film ✓.bin")
    attachment = Attachment(name, content_type, len(content), url)
    payload = FileContent(
        type="file",
        file_id="00000000-0000-4000-8000-000000000001",
        caption=other.pop("caption", None),
        filename=attachment.filename,
        content_type=content_type,
    )
    delivery = sandbox.delivery(payload=payload, **other)
    assert sandbox.connector.takes(content_type, len(content))
    *before, last = sandbox.connector.split(delivery, attachment)
    ids = [sandbox.connector.send(delivery, part, final=False) for part in before]
    return delivery, [*ids, sandbox.connector.send(delivery, last, final=True)]


def test_every_type_that_it_takes_arrives_whole(sandbox: Sandbox, links: Links) -> None:
    for number, content_type in enumerate(TAKEN[sandbox.channel]):
        content = some_bytes(20_000 + number)

        _, [provider_id] = send(sandbox, links, content, content_type)

        item = sandbox.loaded_inbox()[-1]
        media = item["media"]
        assert item["id"] == provider_id
        assert (media["state"], media["error"]) == ("fetched", None), content_type
        assert media["sha256"] == hashlib.sha256(content).hexdigest()
        assert (media["mime_type"], media["size"]) == (content_type, len(content))


def test_its_words_come_with_it_or_before(sandbox: Sandbox, links: Links) -> None:
    words, sender = "Our film, 🎬 in full", "Ann"
    for content_type in TAKEN[sandbox.channel]:
        before = len(sandbox.inbox())

        send(sandbox, links, CONTENT, content_type, caption=words, sender_name=sender)

        *texts, last = sandbox.loaded_inbox()[before:]
        told = [item["text"] for item in texts] + [last["media"]["caption"] or ""]
        assert "".join(told) == f"{sender}: {words}", content_type


def test_a_document_keeps_its_name_where_there_is_a_place_for_it(
    sandbox: Sandbox, links: Links, facts: Facts
) -> None:
    send(sandbox, links, CONTENT, "application/pdf")

    [item] = sandbox.loaded_inbox()
    assert item["type"] == facts.document
    assert item["media"]["filename"] in ("a film ✓.bin", None)


@pytest.mark.parametrize("letter", ["x", "é"])
def test_the_longest_name_that_a_file_may_have_is_no_obstacle(
    sandbox: Sandbox, links: Links, letter: str
) -> None:
    name = clean_name(f"{letter * 300}.pdf")

    send(sandbox, links, CONTENT, "application/pdf", filename=name)

    [item] = sandbox.loaded_inbox()
    assert item["media"]["state"] == "fetched"
    assert (item["media"]["filename"] or ".pdf").endswith(".pdf")


def test_words_that_are_too_long_for_a_caption_arrive_whole(sandbox: Sandbox, links: Links) -> None:
    words = "word " * 250
    sent, ids = send(
        sandbox, links, CONTENT, "image/png", caption=words[:1024], sender_name="A" * 60
    )

    items = sandbox.loaded_inbox()

    assert [item["id"] for item in items] == ids
    told = "".join(item["text"] or item["media"]["caption"] or "" for item in items)
    assert "".join(told.split()) == "".join(f"{'A' * 60}:{words[:1024]}".split())
    assert sent.payload.type == "file"


def largest(sandbox: Sandbox, content_type: str) -> int:
    """The size up to which the connector takes a type."""
    least, most = 1, MAX_SIZE + 1
    while most - least > 1:
        middle = (least + most) // 2
        if sandbox.connector.takes(content_type, middle):
            least = middle
        else:
            most = middle
    return least


def test_the_largest_picture_that_it_takes_is_one_that_the_provider_takes(
    sandbox: Sandbox, links: Links
) -> None:
    size = largest(sandbox, "image/png")

    send(sandbox, links, some_bytes(size), "image/png")

    [item] = sandbox.loaded_inbox()
    assert (item["media"]["state"], item["media"]["size"]) == ("fetched", size)


def test_the_last_part_is_the_one_that_receipts_are_about(
    sandbox: Sandbox, links: Links, facts: Facts, callbacks: Callbacks
) -> None:
    delivery, ids = send(sandbox, links, CONTENT, "image/png", caption="x" * 1024, sender_name="A")

    callbacks.wait_for(
        lambda all: any((u.provider_id, u.mark) == (ids[-1], Mark.READ) for u in all)
    )

    if facts.gives_opaque_back:
        statuses = [u for u in callbacks.updates if isinstance(u, StatusUpdate)]
        ours = {u.provider_id for u in statuses if u.opaque is not None}
        assert ours == {ids[-1]}
        assert {parse_opaque(u.opaque) for u in statuses if u.opaque} == {(delivery.message_id, 0)}


def test_a_file_that_cannot_be_fetched_fails(
    sandbox: Sandbox, links: Links, callbacks: Callbacks
) -> None:
    """At once, or later where the provider fetches after it has answered."""
    attachment = Attachment("a.png", "image/png", 1000, f"{links.url}/not-there")

    try:
        sandbox.connector.send(sandbox.delivery(), Media(attachment), final=True)
    except DeliveryError as error:
        assert isinstance(error, Undeliverable) and not error.recipient
        return

    callbacks.wait_for(lambda updates: any(u.mark is Mark.FAILED for u in updates))
    [failed] = [u for u in callbacks.updates if isinstance(u, StatusUpdate)]
    assert failed.mark is Mark.FAILED and failed.failure is not None
    assert (failed.failure.code, failed.failure.next_choice) == ("131052", False)
