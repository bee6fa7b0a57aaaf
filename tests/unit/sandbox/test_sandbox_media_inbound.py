"""Media that people send to us, as the provider sandbox hands them out."""

import base64
import hashlib
import time
from typing import Any

import pytest
import urllib3
from sandbox_harness import TOKEN, Receiver, SandboxClient, running, until
from sandbox_media_harness import MIB, PNG, download, upload

ANA = "5511999990000"
IMAGE = {"type": "image", "mime_type": "image/png"}
CONTENT = {"content": base64.b64encode(PNG).decode()}


def written(sandbox: SandboxClient, channel: str, media: dict[str, Any], **more: Any) -> Any:
    """What the sandbox answers when Ana sends media."""
    body = {"channel": channel, "media": media, **more}
    return sandbox.tester("POST", f"people/{ANA}/messages", body)["media"]


def described(sandbox: SandboxClient, media_id: str) -> Any:
    status, answer = sandbox.call("GET", f"/whatsapp/v23.0/{media_id}", token=TOKEN)
    assert status == 200, answer
    return answer


def a_url(sandbox: SandboxClient, channel: str, media: dict[str, Any]) -> str:
    """Where the bytes of media that Ana has just sent can be had."""
    told = written(sandbox, channel, media)
    return str(told["url"] if channel == "instagram" else described(sandbox, told["id"])["url"])


def test_a_document_on_whatsapp_comes_with_an_id_a_digest_and_its_name(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    document = {"type": "document", "mime_type": "image/png", "filename": "a.png", **CONTENT}
    told = written(sandbox, "whatsapp", {**document, "caption": "look"})

    digest = hashlib.sha256(PNG)
    assert (told["sha256"], told["size"]) == (digest.hexdigest(), len(PNG))
    message = until(receiver.values)[0]["messages"][0]
    assert message["type"] == "document"
    assert "text" not in message
    assert message["document"] == {
        "id": told["id"],
        "mime_type": "image/png",
        "sha256": base64.b64encode(digest.digest()).decode(),
        "caption": "look",
        "filename": "a.png",
    }


def test_whatsapp_hands_media_out_in_two_steps(sandbox: SandboxClient) -> None:
    told = written(sandbox, "whatsapp", {**IMAGE, **CONTENT}, text="look")
    media = described(sandbox, told["id"])

    assert media["messaging_product"] == "whatsapp"
    assert media["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (media["file_size"], media["id"]) == (len(PNG), told["id"])
    answer = download(media["url"])
    assert (answer.status, answer.data) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert download(media["url"], token="wrong").status == 401
    assert download(media["url"], token="").status == 401
    assert download(media["url"] + "0").status == 404


def test_the_url_of_whatsapp_expires(sandbox: SandboxClient) -> None:
    sandbox.tester("PUT", "settings", {"whatsapp": {"media_url_lifetime": 0.05}})
    url = a_url(sandbox, "whatsapp", {**IMAGE, **CONTENT})
    time.sleep(0.1)

    assert download(url).status == 404
    sandbox.tester("PUT", "settings", {"whatsapp": {"media_url_lifetime": 300}})


def test_an_unknown_id_and_a_wrong_token_are_told_so(sandbox: SandboxClient) -> None:
    status, answer = sandbox.call("GET", "/whatsapp/v23.0/123", token=TOKEN)
    error = answer["error"]
    assert (status, error["code"], error["error_subcode"]) == (400, 100, 33)

    assert sandbox.call("GET", "/whatsapp/v23.0/123", token="wrong")[0] == 401


def test_an_image_on_instagram_comes_with_a_url_that_needs_no_token(
    sandbox: SandboxClient, receiver: Receiver
) -> None:
    told = written(sandbox, "instagram", {**IMAGE, **CONTENT}, text="look")

    message = until(receiver.events)[0]["message"]
    assert message["text"] == "look"
    assert message["attachments"] == [{"type": "image", "payload": {"url": told["url"]}}]
    assert told["url"].startswith(f"{sandbox.url}/instagram/cdn/")
    assert download(told["url"], token="").data == PNG
    assert download(told["url"] + "0", token="").status == 404


def test_large_media_are_made_from_a_seed_and_are_the_same_each_time(
    sandbox: SandboxClient,
) -> None:
    video = {"type": "video", "mime_type": "video/mp4", "size": 3 * MIB + 1, "seed": 7}
    told = written(sandbox, "whatsapp", video)
    again = written(sandbox, "instagram", video)

    content = download(described(sandbox, told["id"])["url"]).data
    assert len(content) == told["size"] == 3 * MIB + 1
    assert content[4:8] == b"ftyp"
    assert hashlib.sha256(content).hexdigest() == told["sha256"] == again["sha256"]
    assert written(sandbox, "whatsapp", {**video, "seed": 8})["sha256"] != told["sha256"]


@pytest.mark.parametrize("channel", ["whatsapp", "instagram"])
def test_downloads_can_go_wrong(sandbox: SandboxClient, channel: str) -> None:
    url = a_url(sandbox, channel, {**IMAGE, **CONTENT})
    sandbox.fault("media_error", channel, status=503, address=ANA)
    sandbox.fault("media_error", channel, address="5511888880000")
    sandbox.fault("media_cut", channel)
    sandbox.fault("media_corrupt", channel)
    sandbox.fault("media_slow", channel, seconds=0.2)

    assert download(url).status == 503
    with pytest.raises(urllib3.exceptions.HTTPError) as cut:
        download(url)
    assert f"{len(PNG) // 2} bytes read" in str(cut.value)
    flawed = download(url).data
    assert sum(a != b for a, b in zip(flawed, PNG, strict=True)) == 1
    began = time.monotonic()
    assert download(url).data == PNG
    assert time.monotonic() - began >= 0.2
    assert [fault["kind"] for fault in sandbox.tester("GET", "faults")["faults"]] == ["media_error"]


def test_a_reset_forgets_media(sandbox: SandboxClient) -> None:
    url = a_url(sandbox, "instagram", {**IMAGE, **CONTENT})
    sandbox.tester("POST", "reset")

    assert download(url).status == 404


@pytest.mark.parametrize(
    ("media", "names"),
    [
        ({**IMAGE}, "content"),
        ({**IMAGE, **CONTENT, "size": 3}, "content"),
        ({**IMAGE, "content": "?"}, "base64"),
        ({**IMAGE, "size": 0}, "size"),
        ({**IMAGE, **CONTENT, "type": "file"}, "type"),
        ({"type": "image", "size": 3}, "mime_type"),
        ({**IMAGE, **CONTENT, "colour": 1}, "colour"),
        ({"type": "audio", "mime_type": "audio/ogg", "size": 3, "caption": "no"}, "caption"),
        ("a picture", "text"),
    ],
)
def test_media_that_make_no_sense_are_named(
    sandbox: SandboxClient, media: object, names: str
) -> None:
    body = {"channel": "whatsapp", "media": media}
    status, answer = sandbox.call("POST", f"/sandbox/people/{ANA}/messages", body)

    assert status == 400
    assert names in answer["error"]


def test_chalice_local_serves_media_too() -> None:
    chalice = ("-c", "from chalice.cli import main; main()", "local", "--no-autoreload")

    with running(*chalice) as sandbox:
        sandbox.tester("PUT", "settings", {"whatsapp": {"access_token": TOKEN}})
        media_id = upload(sandbox, PNG)[1]["id"]
        assert download(described(sandbox, media_id)["url"]).data == PNG
        assert download(described(sandbox, media_id)["url"], token="").status == 401
