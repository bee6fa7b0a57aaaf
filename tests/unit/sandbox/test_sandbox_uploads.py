"""Uploads to WhatsApp, links sent by Instagram, and media that both refuse at once."""

import hashlib
from typing import Any

import pytest
from sandbox_harness import Receiver, SandboxClient, a_text, until
from sandbox_media_harness import (
    MIB,
    PNG,
    Links,
    an_attachment,
    download,
    seen,
    send,
    upload,
)


@pytest.mark.parametrize(
    ("kind", "part", "code"),
    [
        ("audio", {"link": "http://a", "caption": "no"}, 100),
        ("image", {"link": "http://a", "filename": "no"}, 100),
        ("sticker", {"link": "ftp://a"}, 131009),
        ("image", {"id": "123"}, 100),
    ],
)
def test_whatsapp_refuses_media_that_make_no_sense(
    sandbox: SandboxClient, kind: str, part: dict[str, str], code: int
) -> None:
    status, answer = sandbox.send("whatsapp", {**a_text(), "type": kind, kind: part})

    assert (status, answer["error"]["code"]) == (400, code)


def test_instagram_fetches_before_it_answers(
    sandbox: SandboxClient, receiver: Receiver, links: Links
) -> None:
    link = links.link(b"%PDF-1.7", "application/pdf")
    status, answer = sandbox.send("instagram", an_attachment(link, "file"))

    assert status == 200
    media = sandbox.inbox("igsid-1", "instagram")[0]["media"]
    assert (media["type"], media["link"], media["state"]) == ("file", link, "fetched")
    assert media["sha256"] == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert until(receiver.events)[0]["read"] == {"mid": answer["message_id"]}


@pytest.mark.parametrize(
    ("answer", "subcode"),
    [({"status": 500}, 2018008), ({"body": b"x" * (8 * MIB + 1)}, 2018047)],
)
def test_instagram_refuses_what_it_cannot_fetch(
    sandbox: SandboxClient, links: Links, answer: dict[str, Any], subcode: int
) -> None:
    status, told = sandbox.send("instagram", an_attachment(links.link(**answer)))

    assert (status, told["error"]["code"], told["error"]["error_subcode"]) == (400, 100, subcode)
    assert sandbox.inbox("igsid-1", "instagram") == []


def test_an_upload_can_be_sent_and_downloaded(sandbox: SandboxClient, receiver: Receiver) -> None:
    # a body with what looks like boundaries, and longer than a block
    content = PNG + b"\r\n--not the boundary\r\n" * 10_000
    media_id = upload(sandbox, content)[1]["id"]

    sent = send(sandbox, {**a_text(), "type": "image", "image": {"id": media_id}})
    assert until(lambda: len(receiver.statuses(sent)) == 3)
    digest = hashlib.sha256(content).hexdigest()
    media = seen(sandbox)
    assert (media["id"], media["sha256"], media["state"]) == (media_id, digest, "fetched")
    told = sandbox.call("GET", f"/whatsapp/v23.0/{media_id}", token="test-token")[1]
    assert (told["mime_type"], told["file_size"], told["sha256"]) == (
        "image/png",
        len(content),
        digest,
    )
    assert download(told["url"]).data == content


def test_an_upload_of_the_wrong_type_fails_later(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    media_id = upload(sandbox, b"%PDF-1.7", "application/pdf")[1]["id"]
    sent = send(sandbox, {**a_text(), "type": "image", "image": {"id": media_id}})

    assert until(lambda: receiver.statuses(sent)) == ["failed"]


def test_an_upload_is_refused_when_too_large_or_no_form(sandbox: SandboxClient) -> None:
    assert upload(sandbox, b"x" * (5 * MIB + 1))[1]["error"]["code"] == 131053
    assert upload(sandbox, PNG, messaging_product="sms")[1]["error"]["code"] == 100
    path = "/whatsapp/v23.0/1/media"
    assert sandbox.call("POST", path, {}, token="test-token")[1]["error"]["code"] == 100
    assert sandbox.call("POST", path, {}, token="wrong")[0] == 401
