"""Files on WhatsApp, as published: what it carries, how they are sent, and how they come in."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.channels.whatsapp import media
from chat4all.channels.whatsapp.connector import MAX_CAPTION, Channel
from chat4all.delivery import InboundUpdate, MediaPayload
from chat4all.errors import Rejected
from chat4all.message import FileContent
from chat4all.ports import Attachment, Media
from tests.builders import a_delivery, an_id

pytestmark = pytest.mark.req("RF-003")
MIB = 1024 * 1024
SETTINGS = {"account": "1555", "access_token": "t", "app_secret": "s", "verify_token": "v"}
CHANNEL = Channel(lambda: SETTINGS)
DIGEST = hashlib.sha256(b"picture").digest()
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content_type", "size", "kind"),
    [
        ("image/jpeg", 5 * MIB, "image"),
        ("image/png", 5 * MIB + 1, None),
        ("image/gif", 1, None),
        ("image/webp", 1, None),
        ("video/mp4", 16 * MIB, "video"),
        ("video/mp4", 16 * MIB + 1, None),
        ("video/webm", 1, None),
        ("audio/ogg", 16 * MIB, "audio"),
        ("audio/wav", 1, None),
        ("application/pdf", 100 * MIB, "document"),
        ("application/pdf", 100 * MIB + 1, None),
        (WORD, 1, "document"),
        ("text/plain", 1, "document"),
        ("text/html", 1, None),
        ("application/octet-stream", 1, None),
    ],
)
def test_what_whatsapp_carries(content_type: str, size: int, kind: str | None) -> None:
    assert media.media_kind(content_type, size) == kind
    assert CHANNEL.takes(content_type, size) is (kind is not None)


def a_file(content_type: str, size: int = 9) -> Attachment:
    return Attachment("a name", content_type, size, "https://files/1?signed")


@pytest.mark.parametrize(
    ("content_type", "caption", "kind", "content"),
    [
        ("image/png", "Look!", "image", {"caption": "Look!"}),
        ("image/png", None, "image", {}),
        ("video/mp4", "Look!", "video", {"caption": "Look!"}),
        ("audio/mpeg", None, "audio", {}),
        ("application/pdf", "Read!", "document", {"caption": "Read!", "filename": "a name"}),
    ],
)
def test_a_file_goes_out_as_published(content_type, caption, kind, content) -> None:
    body = media.media_body("551100", Media(a_file(content_type), caption), "m.0")

    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "551100",
        "type": kind,
        kind: {"link": "https://files/1?signed", **content},
        "biz_opaque_callback_data": "m.0",
    }


def a_delivery_of(caption: str | None, sender_name: str | None = None) -> Any:
    content = FileContent(
        type="file",
        file_id=an_id(1),
        caption=caption,
        filename="a name",
        content_type="image/png",
        size=9,
    )
    return a_delivery(payload=content, sender_name=sender_name)


PICTURE, SOUND = a_file("image/png"), a_file("audio/mpeg")


@pytest.mark.parametrize(
    ("attachment", "caption", "sender", "parts"),
    [
        (PICTURE, "Look!", None, [Media(PICTURE, "Look!")]),
        (PICTURE, None, None, [Media(PICTURE)]),
        (PICTURE, None, "Ana", [Media(PICTURE, "Ana")]),
        (PICTURE, "Look!", "Ana", [Media(PICTURE, "Ana: Look!")]),
        (SOUND, "Listen!", None, ["Listen!", Media(SOUND)]),
        (SOUND, None, "Ana", ["Ana", Media(SOUND)]),
        (SOUND, None, None, [Media(SOUND)]),
    ],
)
def test_the_words_go_with_the_file_where_they_can(attachment, caption, sender, parts) -> None:
    assert CHANNEL.split(a_delivery_of(caption, sender), attachment) == parts


@pytest.mark.parametrize("length", [MAX_CAPTION - 5, MAX_CAPTION])
def test_words_over_the_captions_limit_go_before_the_file(length: int) -> None:
    parts = CHANNEL.split(a_delivery_of("x" * length, "Ana"), PICTURE)

    whole = f"Ana: {'x' * length}"
    fits = len(whole) <= MAX_CAPTION
    assert parts == ([Media(PICTURE, whole)] if fits else [whole, Media(PICTURE)])


def parsed(message: Any) -> list[Any]:
    value = {"metadata": {"phone_number_id": "1555"}, "messages": [message]}
    raw = json.dumps({"entry": [{"changes": [{"value": value}]}]}).encode()
    digest = hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    return list(CHANNEL.parse(raw, {"x-hub-signature-256": f"sha256={digest}"}))


def a_media(kind: str, **content: Any) -> dict[str, Any]:
    sha256 = base64.b64encode(DIGEST).decode()
    given = {"id": "media-1", "mime_type": "image/jpeg", "sha256": sha256}
    return {
        "from": "551100",
        "id": "wamid.1",
        "timestamp": "1760000000",
        "type": kind,
        kind: {**given, **content},
    }


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_a_file_comes_in_with_all_that_is_said_of_it(kind: str) -> None:
    [update] = parsed(a_media(kind, caption="Look!", filename="a.jpg"))

    assert (update.provider_id, update.address) == ("wamid.1", "551100")
    assert update.payload == MediaPayload(
        reference="media-1",
        content_type="image/jpeg",
        filename="a.jpg",
        caption="Look!",
        sha256=DIGEST.hex(),
    )
    assert InboundUpdate.model_validate_json(update.outgoing().body) == update


@pytest.mark.parametrize("sha256", [None, "", "x", "é", DIGEST.hex(), "eA=="])
def test_a_digest_that_is_none_is_left_out(sha256: str | None) -> None:
    [update] = parsed(a_media("image", sha256=sha256))

    assert update.payload.sha256 is None


@pytest.mark.parametrize("said", [{}, {"mime_type": "x" * 256, "caption": 7, "filename": []}])
def test_a_file_that_says_nothing_of_itself_is_just_bytes(said: dict[str, Any]) -> None:
    message = a_media("document")
    message["document"] = {"id": "media-1", **said}

    [update] = parsed(message)

    assert update.payload == MediaPayload(
        reference="media-1", content_type="application/octet-stream"
    )


@pytest.mark.parametrize("image", [{}, {"id": ""}, {"id": 1}])
def test_a_file_that_cannot_be_fetched_is_told_and_not_lost(image: dict[str, Any]) -> None:
    message = a_media("image")
    message["image"] = image

    [update] = parsed(message)

    assert (update.payload.type, update.payload.kind) == ("unsupported", "image")


junk = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers())
fields = st.sampled_from(["id", "mime_type", "sha256", "caption", "filename"])


@given(st.sampled_from(["image", "audio", "sticker"]), st.dictionaries(fields, junk, max_size=3))
def test_junk_in_a_file_raises_nothing_but_rejected(kind: str, changes: dict[str, Any]) -> None:
    try:
        found = parsed(a_media(kind, **changes))
    except Rejected:
        return

    for update in found:
        assert InboundUpdate.model_validate_json(update.outgoing().body) == update
