"""Every file in events/ is replayed against its handler, and does what its name says."""

import hashlib
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat4all.bootstrap import access, parts
from chat4all.file import FileStatus
from chat4all.receipts import Mark
from tests import event_expectations
from tests.cloud import CONTEXT, cloud
from tests.replaying import (
    BO_INSTAGRAM,
    BO_WHATSAPP,
    CONVERSATION,
    FILE,
    LOCAL_CLIENT,
    M1,
    M2,
    M3,
    MEDIA_ID,
    MID,
    Provider,
    Replayed,
    a_provider,
    arrange,
)
from tests.uploading import PNG

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


def read(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def handler(folder: str) -> Callable[[dict[str, Any], Any], Any]:
    return importlib.import_module(f"{folder}.handler").lambda_handler


def put_user(done: Replayed) -> None:
    assert (done.answer["statusCode"], done.body["user_id"]) == (200, "cy")
    assert len(done.body["identities"]) == 2


def create_conversation(done: Replayed) -> None:
    assert (done.answer["statusCode"], done.body["conversation_id"]) == (201, CONVERSATION)


def send_message(done: Replayed) -> None:
    assert done.answer["statusCode"] == 202
    assert done.body == {"status": "accepted", "message_id": M2}
    assert [m["message_id"] for m in done.stack.received("inbound")] == [M2]


def send_batch(done: Replayed) -> None:
    items = done.body["items"]
    assert [(i["message_id"], i["replayed"]) for i in items] == [
        (M2, False),
        (M3, False),
        (M2, True),
    ]
    assert [m["message_id"] for m in done.stack.received("inbound")] == [M2, M3]


def get_message(done: Replayed) -> None:
    assert (done.body["message_id"], done.body["seq"]) == (M1, 1)
    assert [d["channel"] for d in done.body["deliveries"]] == ["whatsapp", "instagram"]


def list_messages(done: Replayed) -> None:
    assert [item["message_id"] for item in done.body["items"]] == [M1]
    member = parts.conversation_store().members(CONVERSATION)["bo"]
    assert member.delivered_seq == 1


def token(done: Replayed) -> None:
    assert done.answer["statusCode"] == 200
    verified = access.token_verifier().verify(done.body["access_token"])
    assert verified.caller.subject == "c4a_local"


def authorize_request(done: Replayed) -> None:
    assert done.answer == {"isAuthorized": False}, "the token in the file is a made-up one"
    event = read("authorize_request")
    event["headers"]["authorization"] = (
        f"Bearer {access.tokens().for_client(LOCAL_CLIENT).access_token}"
    )
    assert handler("authorize_request")(event, CONTEXT)["isAuthorized"]


def route_message(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    assert [done.place(i).seq for i in (M2, M3)] == [2, 3]
    queued = done.stack.received("channel-instagram")
    assert [(d["seq"], d["address"]) for d in queued] == [(s, BO_INSTAGRAM) for s in (2, 3)]


def deliver_whatsapp(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    [(path, body)] = done.provider.requests
    assert path == "/v23.0/10550001111/messages"
    assert (body["to"], body["text"]["body"]) == (BO_WHATSAPP, "Hello, Bo!")
    assert body["biz_opaque_callback_data"] == f"{M1}.0"
    assert (0, Mark.SENT) in done.place(M1).times


def deliver_instagram(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    [(_, body)] = done.provider.requests
    assert body == {"recipient": {"id": BO_INSTAGRAM}, "message": {"text": "Hello, Bo!"}}
    assert (1, Mark.SENT) in done.place(M1).times


def whatsapp_callback(done: Replayed) -> None:
    assert done.answer["statusCode"] == 200
    [bundle] = done.stack.received("callbacks")
    assert [(u["mark"], u["opaque"]) for u in bundle["updates"]] == [
        (mark, f"{M1}.0") for mark in ("sent", "delivered", "read")
    ]


def whatsapp_inbound(done: Replayed) -> None:
    assert done.answer["statusCode"] == 200
    [update] = done.stack.received("callbacks")
    assert (update["address"], update["payload"]["text"]) == (BO_WHATSAPP, "Thank you! 😀")
    assert update["reply_to"].startswith("wamid.")


def instagram_callback(done: Replayed) -> None:
    assert done.answer["statusCode"] == 200
    [update] = done.stack.received("callbacks")
    assert (update["provider_id"], update["mark"]) == (MID, "read")


def webhook_handshake(done: Replayed) -> None:
    assert (done.answer["statusCode"], done.answer["body"]) == (200, "1158201444")


def apply_callback(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    assert {(0, Mark.DELIVERED), (0, Mark.READ)} <= set(done.place(M1).times)
    [to_route] = done.stack.received("inbound")
    assert to_route["conversation_id"] == CONVERSATION
    message = parts.message_store().get([to_route["message_id"]])[to_route["message_id"]]
    assert (message.sender, message.origin) == ("bo", "whatsapp")


def initiate_upload(done: Replayed) -> None:
    assert done.answer["statusCode"] == 201
    assert (done.body["filename"], done.body["part_count"]) == ("Relatório final.pdf", 3)
    assert parts.file_store().shared_in(done.body["file_id"]) == [CONVERSATION]


def follow_link(done: Replayed) -> None:
    assert done.answer["statusCode"] == 302
    assert f"/files/{FILE}?" in str(done.answer)


def finish_upload(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    file = done.file()
    assert (file.status, file.reason, file.size) == (FileStatus.READY, None, len(PNG))


def fetch_media(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    file = done.file()
    assert (file.status, file.detail, file.size) == (FileStatus.READY, None, len(PNG))
    assert parts.object_store().beginning(file.key, 100) == PNG


def erase_user(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    assert parts.user_store().get(["ana", "bo"]).keys() == {"ana"}
    assert [planned.address for planned in done.place(M1).plan] == [None, None]
    assert (done.file().status, done.file().filename) == (FileStatus.DELETED, "")


def whatsapp_media(done: Replayed) -> None:
    assert done.answer["statusCode"] == 200
    [update] = done.stack.received("callbacks")
    payload = update["payload"]
    assert (payload["type"], payload["reference"]) == ("media", MEDIA_ID)
    assert payload["sha256"] == hashlib.sha256(PNG).hexdigest()


def apply_media(done: Replayed) -> None:
    assert done.answer == {"batchItemFailures": []}
    [job] = done.stack.received("media")
    [to_route] = done.stack.received("inbound")
    message = parts.message_store().get([to_route["message_id"]])[to_route["message_id"]]
    assert (message.payload.file_id, message.payload.size) == (job["file_id"], None)
    assert done.file(job["file_id"]).status is FileStatus.UPLOADING
    assert parts.file_store().shared_in(job["file_id"]) == [CONVERSATION]


def relay_changes(done: Replayed) -> None:
    types = [event["type"] for event in done.stack.events()]
    assert sorted(types) == [
        "conversation.read",
        "endpoint.disabled",
        "file.ready",
        "message.accepted",
        "message.read",
        "message.sent",
        "presence",
    ]
    logged = parts.event_log().read(None, until=parts.clock().now(), limit=100).events
    assert sorted([*(event["type"] for event in logged), "presence"]) == sorted(types)
    assert done.stack.dead_letters() == []


EXPECTED = {
    "http_api": (
        put_user,
        create_conversation,
        send_message,
        send_batch,
        get_message,
        list_messages,
        token,
        initiate_upload,
        follow_link,
    ),
    "authorize_request": (authorize_request,),
    "route_message": (route_message,),
    "deliver_message": (deliver_whatsapp, deliver_instagram),
    "receive_callback": (
        whatsapp_callback,
        whatsapp_inbound,
        whatsapp_media,
        instagram_callback,
        webhook_handshake,
    ),
    "apply_callback": (apply_callback, apply_media),
    "finish_upload": (finish_upload,),
    "fetch_media": (fetch_media,),
    "erase_user": (erase_user,),
    "relay_changes": (relay_changes,),
}
BY_FILE = {
    check.__name__: (folder, check)
    for expected in (EXPECTED, event_expectations.EXPECTED)
    for folder, checks in expected.items()
    for check in checks
}


@pytest.mark.parametrize("name", sorted(path.stem for path in EVENTS.glob("*.json")))
def test_a_fixture_does_what_its_name_says(name: str, provider: Provider) -> None:
    assert name in BY_FILE, f"say in this file what events/{name}.json is for"
    folder, check = BY_FILE[name]
    provider.requests.clear()
    channel = "instagram" if name == "deliver_instagram" else "whatsapp"
    with cloud(channel, provider.url) as stack:
        arrange(name)
        event_expectations.arrange_subscribers(name, provider.url)
        for queue in ("inbound", "channel-whatsapp", "channel-instagram"):
            stack.received(queue)

        answer = handler(folder)(read(name), CONTEXT)

        check(Replayed(answer, stack, provider))


def test_every_expectation_has_its_file() -> None:
    assert set(BY_FILE) == {path.stem for path in EVENTS.glob("*.json")}
