"""Links that we send to people by WhatsApp: the provider sandbox fetches them."""

import hashlib
from typing import Any

import pytest
from sandbox_harness import Receiver, SandboxClient, until
from sandbox_media_harness import (
    MIB,
    PNG,
    Links,
    an_image,
    seen,
    send,
)

ANA = "5511999990000"


def test_a_linked_image_is_fetched_and_the_inbox_tells_its_digest(
    sandbox: SandboxClient, receiver: Receiver, links: Links
) -> None:
    link = links.link()
    sent = send(sandbox, an_image(link, caption="look"))

    assert seen(sandbox) == {
        "type": "image",
        "link": link,
        "id": None,
        "mime_type": "image/png",
        "filename": None,
        "caption": "look",
        "size": len(PNG),
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "state": "fetched",
        "error": None,
    }
    assert until(lambda: receiver.statuses(sent) == ["sent", "delivered", "read"])


def test_a_text_has_no_media(sandbox: SandboxClient) -> None:
    sandbox.text()

    assert sandbox.inbox(ANA)[0]["media"] is None


def test_nothing_is_reported_before_the_link_is_fetched(
    sandbox: SandboxClient, receiver: Receiver, links: Links
) -> None:
    links.open.clear()
    sent = send(sandbox, an_image(links.link()))

    assert not until(lambda: receiver.statuses(sent), seconds=0.3)
    assert sandbox.inbox(ANA)[0]["media"]["state"] == "fetching"
    links.open.set()
    assert until(lambda: len(receiver.statuses(sent)) == 3)


def test_a_reset_forgets_what_is_being_fetched(
    sandbox: SandboxClient, receiver: Receiver, links: Links
) -> None:
    links.open.clear()
    send(sandbox, an_image(links.link()))
    sandbox.tester("POST", "reset")
    links.open.set()

    assert not until(lambda: receiver.posts, seconds=0.3)


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("image", {"status": 404}, 131052),
        ("image", {"cut": True}, 131052),
        ("image", {"mime_type": "image/gif"}, 131053),
        ("image", {"body": b"x" * (5 * MIB + 1)}, 131053),
        ("audio", {"mime_type": "audio/wav"}, 131053),
        ("sticker", {"body": b"x" * (500 * 1024 + 1), "mime_type": "image/webp"}, 131053),
    ],
)
def test_whatsapp_reports_only_failed_when_media_cannot_be_had(
    sandbox: SandboxClient,
    receiver: Receiver,
    links: Links,
    kind: str,
    answer: dict[str, Any],
    code: int,
) -> None:
    sent = send(sandbox, an_image(links.link(**answer), kind))

    assert until(lambda: receiver.statuses(sent)) == ["failed"]
    [error] = receiver.values()[0]["statuses"][0]["errors"]
    media = seen(sandbox)
    assert error["code"] == code
    assert (media["state"], media["error"]) == ("failed", error["error_data"]["details"])


def test_a_link_may_redirect_three_times(sandbox: SandboxClient, links: Links) -> None:
    link = links.link()
    for _ in range(3):
        link = links.link(status=302, location=link)
    send(sandbox, an_image(link))
    assert seen(sandbox)["state"] == "fetched"

    send(sandbox, an_image(links.link(status=302, location=link)))
    assert seen(sandbox)["state"] == "failed"


def test_a_host_that_is_not_there_is_a_failure(sandbox: SandboxClient) -> None:
    send(sandbox, an_image("http://127.0.0.1:9/none"))

    assert seen(sandbox)["state"] == "failed"


def test_a_document_keeps_its_filename(sandbox: SandboxClient, links: Links) -> None:
    link = links.link(b"a,b", "text/csv; charset=utf-8")
    send(sandbox, an_image(link, "document", filename="list.csv", caption="the list"))

    media = seen(sandbox)
    assert (media["filename"], media["mime_type"], media["size"]) == ("list.csv", "text/csv", 3)
