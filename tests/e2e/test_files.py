"""Files end to end: uploaded to a real S3 endpoint, sent over channels, received from them."""

from __future__ import annotations

import hashlib
import os

import httpx
import pytest

from infra.local.client import Api, Sandbox, wait_until
from tests.e2e.conftest import People, over_both_doors
from tests.e2e.uploads import MIB, PNG, send_file, upload


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fetched(api: Api, file_id: str, **headers: str) -> httpx.Response:
    answer = api.call("GET", f"/v1/files/{file_id}/content")
    assert answer.status_code == 302, answer.text
    return httpx.get(answer.headers["location"], headers=headers)


@pytest.mark.req("RF-003")
@over_both_doors
def test_a_picture_goes_out_as_a_picture_on_each_channel(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bo, at) = people.on(), people.on("whatsapp", "instagram")
    conversation = api.conversation(ana, bo)
    picture = PNG + os.urandom(3 * MIB)
    file = upload(api.as_user(ana), picture)

    more = {"channels": ["all"]}
    payload = {"type": "file", "file_id": file["file_id"], "caption": "Look!"}
    body = {"conversation_id": conversation, "from": ana, "payload": payload, **more}
    sent = api.ok("POST", "/v1/messages", body)["message_id"]

    message = api.wait_for_status(sent, "READ")
    assert message["payload"]["filename"] == "a picture.png"
    [on_whatsapp] = sandbox.inbox(at["whatsapp"], "whatsapp")
    words, on_instagram = sandbox.inbox(at["instagram"], "instagram")
    assert (on_whatsapp["type"], on_whatsapp["media"]["caption"]) == ("image", "Look!")
    assert words["text"] == "Look!"
    for item in (on_whatsapp, on_instagram):
        assert (item["media"]["type"], item["media"]["size"]) == ("image", len(picture))
        assert item["media"]["sha256"] == sha256(picture)


@pytest.mark.req("RF-003")
def test_what_a_channel_does_not_carry_is_a_link_that_anybody_can_follow(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bo, at) = people.on(), people.on("instagram")
    conversation = api.conversation(ana, bo)
    content = os.urandom(9 * MIB)
    file = upload(
        api.as_user(ana), content, filename="Relatório.zip", content_type="application/zip"
    )

    sent = send_file(api, conversation, ana, file["file_id"], caption="Here it is")

    api.wait_for_status(sent, "READ")
    caption, about, link = sandbox.texts(at["instagram"], "instagram")[0].split("\n")
    assert (caption, about) == ("Here it is", "Relatório.zip (9.4 MB)")
    answer = httpx.get(link, follow_redirects=True)
    assert sha256(answer.content) == sha256(content)
    assert "filename*=UTF-8''Relat%C3%B3rio.zip" in answer.headers["content-disposition"]


@pytest.mark.req("RF-007")
def test_a_picture_from_whatsapp_reaches_a_person_on_instagram(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (carla, carlas), (davi, davis) = people.on("whatsapp"), people.on("instagram")
    conversation = api.conversation(carla, davi)
    sandbox.fault("whatsapp", "media_cut", address=carlas["whatsapp"])  # the first download fails
    picture = {"type": "image", "mime_type": "image/png", "size": 2 * MIB, "seed": 5}
    said = {"channel": "whatsapp", "media": {**picture, "caption": "Olha!"}}
    written = sandbox.ok("POST", f"/people/{carlas['whatsapp']}/messages", said)
    sandbox.writes(carlas["whatsapp"], "whatsapp", "E aí?")

    items = wait_until(
        lambda: (
            found if len(found := sandbox.inbox(davis["instagram"], "instagram")) == 3 else None
        ),
        "all of it on Davi's Instagram",
        seconds=40,
    )

    assert [item["text"] for item in items] == ["Olha!", None, "E aí?"]
    assert items[1]["media"]["sha256"] == written["media"]["sha256"]
    first, _ = api.history(conversation)
    file = api.ok("GET", f"/v1/files/{first['payload']['file_id']}")
    assert (file["status"], file["owner"], file["origin"]) == ("READY", carla, "whatsapp")
    assert (file["size"], file["sha256"]) == (2 * MIB, written["media"]["sha256"])
    assert sha256(fetched(api.as_user(davi), file["file_id"]).content) == file["sha256"]


@pytest.mark.req("RF-004")
def test_ranges_of_a_file_can_be_fetched(api: Api, people: People) -> None:
    (ana, _) = people.on()
    content = PNG + os.urandom(6 * MIB)
    owner = api.as_user(ana)
    file = upload(owner, content, part_size=5 * MIB)

    answer = fetched(owner, file["file_id"], range=f"bytes={5 * MIB - 3}-{5 * MIB + 2}")

    assert (answer.status_code, answer.content) == (206, content[5 * MIB - 3 : 5 * MIB + 3])
    assert answer.headers["content-range"].endswith(f"/{len(content)}")


@pytest.mark.req("RNF-009")
@over_both_doors
def test_only_those_in_the_conversation_reach_a_file(api: Api, people: People) -> None:
    (ana, _), (bo, _), (eve, _) = people.on(), people.on(), people.on()
    conversation = api.conversation(ana, bo)
    file = upload(api.as_user(ana), PNG + b"secret")
    send_file(api, conversation, ana, file["file_id"])
    path = f"/v1/files/{file['file_id']}"
    friend, stranger = api.as_user(bo), api.as_user(eve)

    assert fetched(friend, file["file_id"]).content == PNG + b"secret"
    for method, route in (
        ("GET", path),
        ("GET", f"{path}/content"),
        ("GET", f"{path}/parts"),
        ("POST", f"{path}/complete"),
        ("DELETE", path),
    ):
        assert refusal(stranger, method, route) == (404, "file_not_found"), route
    assert friend.call("DELETE", path).json()["code"] == "not_file_owner"
    theirs = {"type": "file", "file_id": file["file_id"]}
    body = {"conversation_id": api.conversation(eve, bo), "payload": theirs}
    assert stranger.call("POST", "/v1/messages", body).json()["code"] == "file_not_found"


@pytest.mark.req("RNF-009")
def test_nor_does_a_stranger_reach_it_by_the_routes_of_uppy(api: Api, people: People) -> None:
    (ana, _), (eve, _) = people.on(), people.on()
    file = upload(api.as_user(ana), PNG + b"secret")
    path, stranger = f"/v1/files/s3/multipart/{file['file_id']}", api.as_user(eve)

    for method, route in (
        ("GET", path),
        ("GET", f"{path}/1"),
        ("POST", f"{path}/complete"),
        ("DELETE", path),
    ):
        assert refusal(stranger, method, route) == (404, "file_not_found"), route


def refusal(api: Api, method: str, route: str) -> tuple[int, str]:
    answer = api.call(method, route, {} if method == "POST" else None)
    return answer.status_code, answer.json()["code"]
