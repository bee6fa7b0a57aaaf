"""Files on Instagram, as published: what it carries, how they are sent, and how they come in."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.channels.instagram import wire
from chat4all.channels.instagram.connector import Channel
from chat4all.delivery import InboundUpdate, MediaPayload
from chat4all.errors import Rejected
from chat4all.message import FileContent
from chat4all.ports import Attachment, Media
from tests.builders import NOW, a_delivery, an_id, text

pytestmark = pytest.mark.req("RF-003")
MIB = 1024 * 1024
SETTINGS = {"account": "page", "access_token": "t", "app_secret": "s", "verify_token": "v"}
CHANNEL = Channel(lambda: SETTINGS)


@pytest.mark.parametrize(
    ("content_type", "size", "kind"),
    [
        ("image/png", 8 * MIB, "image"),
        ("image/jpeg", 8 * MIB + 1, None),
        ("image/gif", 1, "image"),
        ("image/webp", 1, None),
        ("video/mp4", 25 * MIB, "video"),
        ("video/mp4", 25 * MIB + 1, None),
        ("audio/mp4", 25 * MIB, "audio"),
        ("audio/ogg", 1, None),
        ("application/pdf", 25 * MIB, "file"),
        ("application/pdf", 25 * MIB + 1, None),
        ("text/plain", 1, None),
    ],
)
def test_what_instagram_carries(content_type: str, size: int, kind: str | None) -> None:
    assert wire.media_kind(content_type, size) == kind
    assert CHANNEL.takes(content_type, size) is (kind is not None)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("image/png", "image"),
        ("video/mp4", "video"),
        ("audio/mpeg", "audio"),
        ("application/pdf", "file"),
    ],
)
def test_a_file_goes_out_as_published(content_type: str, kind: str) -> None:
    attachment = Attachment("a name", content_type, 9, "https://files/1?signed")

    assert wire.media_body("igbo", Media(attachment)) == {
        "recipient": {"id": "igbo"},
        "message": {
            "attachment": {"type": kind, "payload": {"url": "https://files/1?signed"}},
        },
    }


@pytest.mark.parametrize(
    ("caption", "sender", "before"),
    [("Look!", None, ["Look!"]), ("Look!", "Ana", ["Ana: Look!"]), (None, "Ana", ["Ana"])],
)
def test_words_go_before_the_file_for_it_carries_none(caption, sender, before) -> None:
    attachment = Attachment("a name", "image/png", 9, "https://files/1")
    content = FileContent(
        type="file", file_id=an_id(1), caption=caption, filename="a", content_type="image/png"
    )

    parts = CHANNEL.split(a_delivery(payload=content, sender_name=sender), attachment)

    assert parts == [*before, Media(attachment)]


@pytest.mark.parametrize("caption", ["x" * 1024, "é" * 1024, "w " * 512, None])
def test_a_link_is_never_cut(caption: str | None) -> None:
    link = "https://api.example.com/f/" + "t" * 22
    words = "\n".join(filter(None, (caption, "n" * 255 + " (1.8 GB)", link)))

    parts = CHANNEL.split(a_delivery(payload=text(words), sender_name="A" * 64))

    assert any(link in part for part in parts)
    assert all(len(part.encode()) <= 1000 for part in parts)


def parsed(**message: Any) -> list[Any]:
    given = {"sender": {"id": "igbo"}, "recipient": {"id": "page"}, "timestamp": NOW}
    item = {**given, "message": {"mid": "mid.1", **message}}
    raw = json.dumps({"entry": [{"messaging": [item]}]}).encode()
    digest = hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    return list(CHANNEL.parse(raw, {"x-hub-signature-256": f"sha256={digest}"}))


def an_attachment(kind: str, url: str = "https://cdn/1") -> dict[str, Any]:
    return {"type": kind, "payload": {"url": url}}


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [
        ("image", "image/jpeg"),
        ("audio", "audio/mp4"),
        ("video", "video/mp4"),
        ("file", "application/octet-stream"),
    ],
)
def test_a_file_comes_in_by_its_address(kind: str, content_type: str) -> None:
    [update] = parsed(attachments=[an_attachment(kind)], reply_to={"mid": "mid.0"})

    assert (update.provider_id, update.reply_to) == ("mid.1", "mid.0")
    assert update.payload == MediaPayload(reference="https://cdn/1", content_type=content_type)


def test_several_files_at_once_are_a_message_each_and_the_words_go_with_the_first() -> None:
    files = [an_attachment("image", f"https://cdn/{number}") for number in range(3)]

    found = parsed(attachments=files, text="Look!")

    assert [update.provider_id for update in found] == ["mid.1", "mid.1#1", "mid.1#2"]
    assert [update.payload.reference for update in found] == [
        f"https://cdn/{number}" for number in range(3)
    ]
    assert [update.payload.caption for update in found] == ["Look!", None, None]
    outgoing = [update.outgoing() for update in found]
    assert len({message.deduplication_id for message in outgoing}) == 3
    assert len({message.group for message in outgoing}) == 1, "they keep their order"


def test_what_is_no_file_does_not_stop_those_that_are() -> None:
    found = parsed(attachments=[{"type": "share"}, an_attachment("image"), {"type": "image"}])

    [update] = found
    assert update.payload.reference == "https://cdn/1"


junk = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers())
payloads = junk | st.fixed_dictionaries({"url": junk | st.just("https://cdn/1")})
attachments = st.fixed_dictionaries(
    {"type": st.sampled_from(["image", "video", "file", "share"]) | junk, "payload": payloads}
)


@given(st.lists(attachments, max_size=4), junk)
def test_junk_in_files_raises_nothing_but_rejected(files: list[dict[str, Any]], words: Any) -> None:
    try:
        found = parsed(attachments=files, text=words)
    except Rejected:
        return

    assert len({update.provider_id for update in found}) == len(found)
    for update in found:
        assert InboundUpdate.model_validate_json(update.outgoing().body) == update
