"""The gRPC door of the running stack beside REST's: both lead to the same conversations. What they
do alike is shown by the scenarios that run over both (conftest.over_both_doors)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from grpc_front.generated.chat4all.v1 import types_pb2
from infra.local.client import Api, Sandbox, wait_until
from tests.e2e.conftest import People
from tests.e2e.realtime import token_of
from tests.support.grpc_lines import Line, a_text
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RF-008")


def new_id() -> str:
    return str(uuid.uuid4())


def test_one_talks_by_rest_and_another_on_a_stream(
    api: Api, over_grpc: GrpcApi, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bo, _), (caio, caios) = people.on(), people.on(), people.on("whatsapp")
    group = api.conversation(ana, bo, caio)
    as_ana = api.as_user(ana)

    with Line(over_grpc.channel, token_of(api, bo)) as line:
        line.start()
        line.caught_up()
        by_rest = as_ana.send(group, ana, "by REST")
        [came] = line.wait_for("message_accepted", message_id=by_rest)
        assert (came.seq, came.sender, came.payload.text.text) == (1, ana, "by REST")
        line.mark("ack", group, 1)
        line.answer("ack")
        assert status_for(api, by_rest, bo) == "DELIVERED"
        line.mark("read", group, 1)
        line.answer("read")
        assert status_for(api, by_rest, bo) == "READ"

        by_stream = new_id()
        line.send(a_text(group, bo, "on a stream", by_stream))
        assert line.answer(by_stream).accepted.message_id == by_stream
        [own] = line.wait_for("message_accepted", message_id=by_stream)
        assert own.seq == 2
        for kind in ("message_sent", "message_delivered", "message_read"):
            [told] = line.wait_for(kind, message_id=by_stream)
            assert (told.user_id, told.channel) == (caio, "whatsapp")
            assert messages_status(told.status) == kind.removeprefix("message_").upper()
        as_ana.ok("POST", f"/v1/conversations/{group}/read", {"up_to_seq": 2})
        line.wait_for("conversation_read", user_id=ana, up_to_seq=2)

    texts = [m["payload"]["text"] for m in as_ana.history(group)]
    assert texts == ["by REST", "on a stream"]
    assert api.message(by_stream)["status"] == "READ"
    prefixes = [t.split(": ")[1] for t in sandbox.texts(caios["whatsapp"], "whatsapp")]
    assert prefixes == texts


def messages_status(number: int) -> str:
    return types_pb2.MessageStatus.Name(number).removeprefix("MESSAGE_STATUS_")


def status_for(api: Api, message_id: str, user_id: str) -> str:
    found = {r["user_id"]: r["status"] for r in api.message(message_id)["recipients"]}
    return str(found[user_id])


@pytest.mark.req("RNF-004")
def test_one_message_id_is_one_message_whichever_door_it_comes_by(
    api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    bodies: list[dict[str, Any]] = [
        {"metadata": {"priority": 1, "share": 0.5, "gone": None, "urgent": True}, "to": [bo]},
        {"channels": ["whatsapp"], "metadata": {}},
        {},
    ]

    for first, second in ((api, over_grpc), (over_grpc, api)):
        for more in bodies:
            message_id = first.send(conversation, ana, "once", message_id=new_id(), **more)
            text = {"type": "text", "text": "once"}
            body = {"message_id": message_id, "from": ana, "payload": text, **more}
            again = second.call("POST", "/v1/messages", {**body, "conversation_id": conversation})
            assert again.headers.get("idempotency-replayed") == "true", (again.text, more)
            other = {**body, "payload": {"type": "text", "text": "another"}}
            other["conversation_id"] = conversation
            taken = second.call("POST", "/v1/messages", other)
            assert (taken.status_code, taken.json()["code"]) == (409, "message_id_taken")

    history = wait_until(
        lambda: found if len(found := api.history(conversation)) >= 6 else None, "all six"
    )
    assert [m["seq"] for m in history] == [1, 2, 3, 4, 5, 6]


def test_a_stream_and_rest_go_on_from_each_others_cursors(
    api: Api, over_grpc: GrpcApi, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    conversation = api.conversation(ana, bo)
    as_bo = api.as_user(bo)
    with Line(over_grpc.channel, as_bo.token) as line:
        line.start()
        line.caught_up()
        first = api.send(conversation, ana, "on the stream")
        line.wait_for("message_accepted", message_id=first)
    second = api.send(conversation, ana, "by sync")

    def synced() -> Any:
        page = as_bo.ok("GET", "/v1/sync", params={"cursor": line.cursor})
        return page if page["conversations"] else None

    page = wait_until(synced, "the second one")
    found = [m["message_id"] for c in page["conversations"] for m in c["messages"]]
    third = api.send(conversation, ana, "on the stream again")
    wait_until(lambda: api.message(third)["seq"], "its place")
    with Line(over_grpc.channel, as_bo.token) as again:
        again.start(page["next_cursor"])
        again.caught_up()
        came = [event.message_id for event in again.events("message_accepted")]

    assert found == [second]
    assert came == [third]
