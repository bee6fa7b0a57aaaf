"""Every connector, found by its folder: which files it takes, and how it splits a message with one.

A channel that takes none, and brings none, is fine."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.channels import connector_class
from chat4all.channels.rendering import rendered_text
from chat4all.delivery import Delivery, MediaPayload
from chat4all.errors import Chat4AllError, DeliveryError, Unavailable
from chat4all.file import MAX_SIZE
from chat4all.message import MAX_CAPTION, FileContent
from chat4all.ports import Attachment, Connector, Media
from infra.local.processes import choose_port
from tests.contract.provider import CHANNELS, CONTENT_TYPES, a_delivery, connector_for

pytestmark = pytest.mark.req("RF-003")
TAKEN = [(c, t) for c in CHANNELS for t in CONTENT_TYPES if connector_for(c).takes(t, 1)]
CAPTIONS = (None, "Our film ✓", "word " * (MAX_CAPTION // 5), "👩‍👩‍👧" * (MAX_CAPTION // 5))


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(channel: str) -> Connector:
    return connector_for(channel)


def with_file(channel: str, attachment: Attachment, **other: Any) -> Delivery:
    content = FileContent(
        type="file",
        file_id="00000000-0000-4000-8000-000000000001",
        filename=attachment.filename,
        content_type=attachment.content_type,
        size=attachment.size,
        caption=other.pop("caption", None),
    )
    return a_delivery(channel, payload=content, **other)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_what_it_takes_is_a_matter_of_type_and_size(
    connector: Connector, content_type: str
) -> None:
    sizes = [1, 1000, 10**5, 10**6, 10**7, 10**8, 10**9, MAX_SIZE]

    taken = [connector.takes(content_type, size) for size in sizes]

    assert taken == sorted(taken, reverse=True)  # up to a limit, if at all
    assert not connector.takes(content_type, MAX_SIZE + 1)


@pytest.mark.parametrize("content_type", ["", "image", "image/", "/", "nothing/known", "é/✓"])
def test_it_has_an_answer_for_any_type(connector: Connector, content_type: str) -> None:
    assert connector.takes(content_type, 1) in (True, False)


@pytest.mark.parametrize(("name", "content_type"), TAKEN)
@pytest.mark.parametrize("sender", [None, "Ann" * 40], ids=["private", "group"])
def test_a_file_goes_once_and_nothing_of_its_words_is_lost(
    name: str, content_type: str, sender: str | None
) -> None:
    connector = connector_for(name)
    attachment = Attachment("a film ✓", content_type, 1000, "https://files.example/1?a=b")

    for caption in CAPTIONS:
        delivery = with_file(name, attachment, caption=caption, sender_name=sender)
        *texts, media = connector.split(delivery, attachment)

        assert isinstance(media, Media) and media.attachment == attachment
        assert all(isinstance(text, str) and text for text in texts)
        words = "".join([*map(str, texts), media.caption or ""])
        assert "".join(words.split()) == "".join(rendered_text(delivery).split())
        assert media.caption != ""


def test_without_an_attachment_a_message_is_texts(connector: Connector, channel: str) -> None:
    parts = connector.split(a_delivery(channel), None)

    assert parts == connector.split(a_delivery(channel))
    assert all(isinstance(part, str) for part in parts)


@pytest.mark.parametrize(
    "reference",
    [
        "1013859600285441",
        "https://elsewhere.example/a",
        "http://169.254.169.254/latest",
        "../x?y#z",
    ],
)
def test_a_download_that_cannot_be_says_what_to_do(channel: str, reference: str) -> None:
    """No provider answers, the channel brings no files, or it is none of the provider's URLs."""
    nowhere = f"http://127.0.0.1:{choose_port()}"
    connector = connector_for(channel, base_url=nowhere)
    wanted = MediaPayload(reference=reference, content_type="image/png")

    with pytest.raises(DeliveryError), connector.download(wanted) as download:
        list(download.chunks)


def test_settings_are_read_when_files_need_them(channel: str) -> None:
    def missing() -> dict[str, Any]:
        raise Unavailable("settings")

    connector = connector_class(channel)(missing)
    attachment = Attachment("a.png", "image/png", 1000, "https://files.example/1")

    connector.takes("image/png", 1000)
    assert connector.split(with_file(channel, attachment, caption="hi"), attachment)
    with pytest.raises(Chat4AllError):
        connector.send(a_delivery(channel), Media(attachment), final=True)
    wanted = MediaPayload(reference="1", content_type="image/png")
    with pytest.raises(Chat4AllError), connector.download(wanted):
        pass
