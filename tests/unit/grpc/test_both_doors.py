"""The same things by both doors: what is sent by one and repeated by the other is one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest

from tests.http_files import call as rest
from tests.support.grpc_server import Answered, Client
from tests.support.matrix_world import MatrixWorld

pytestmark = pytest.mark.req("RF-008")
NO_UUID = "00000000-0000-4000-8000-000000000404"


def a_text(world: MatrixWorld, **fields: Any) -> dict[str, Any]:
    payload = {"text": {"text": "hi"}}
    return {"conversation_id": world.group, "sender": "ana", "payload": payload, **fields}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"to": ["bo"]},
        {"channels": ["app"]},
        {"metadata": {"n": 1, "half": 0.5, "ok": True, "no": None, "word": "é"}},
        {"to": ["bo"], "channels": ["app"], "metadata": {"n": -3}},
        {"metadata": {}},
        {"metadata": {"written": 2.0, "large": 1e300, "nought": -0.0}},
    ],
)
@pytest.mark.parametrize("with_sender", [True, False])
def test_one_message_sent_by_both_doors_is_one(
    world: MatrixWorld, server: Client, more: dict[str, Any], with_sender: bool
) -> None:
    message_id = str(uuid4())
    who = {"from": "ana"} if with_sender else {}
    text = {"type": "text", "text": "hi"}
    body = {"message_id": message_id, "conversation_id": world.group, "payload": text}
    new = a_text(world, message_id=message_id, **more)
    if not with_sender:
        del new["sender"]

    first = rest("POST", "/v1/messages", {**body, **who, **more}, user="ana")
    again = server.call("Messages/Send", bearer=world.user_token("ana"), message=new)
    other = server.call(
        "Messages/Send", bearer=world.user_token("ana"), message={**new, "to": ["cy"]}
    )

    assert first.status == 202
    assert (again.message.message_id, again.message.replayed) == (message_id, True)
    assert (other.code, other.reason) == (grpc.StatusCode.ALREADY_EXISTS, "message_id_taken")


def test_a_template_and_a_file_are_one_by_both_doors(world: MatrixWorld, server: Client) -> None:
    payloads = {
        "template": {"name": "hello", "language": "en", "parameters": ["Ana"]},
        "file": {"file_id": world.file, "caption": "Look"},
    }
    for kind, payload in payloads.items():
        message_id = str(uuid4())
        new = a_text(world, message_id=message_id, payload={kind: payload})
        body = {**new, "from": new["sender"], "payload": {"type": kind, **payload}}
        del body["sender"]

        first = server.call("Messages/Send", bearer=world.service(), message=new)
        again = rest("POST", "/v1/messages", body)

        assert first.code is grpc.StatusCode.OK, first
        # Two services: whose message it is belongs to what it is.
        assert again.json["code"] == "message_id_taken"
        once_more = server.call("Messages/Send", bearer=world.service(), message=new)
        assert once_more.message.replayed


def test_a_group_that_is_opened_by_both_doors_is_one(world: MatrixWorld, server: Client) -> None:
    members, key = ["ana", "bo", "cy"], str(uuid4())
    headers = {"idempotency-key": key}
    body = {"type": "group", "members": members}

    opened = server.call(
        "Conversations/Create",
        bearer=world.user_token("ana"),
        type="CONVERSATION_TYPE_GROUP",
        members=members,
        idempotency_key=key,
    )
    again = rest("POST", "/v1/conversations", body, user="ana", headers=headers)

    assert (opened.message.created, again.status) == (True, 200)
    assert opened.message.conversation.conversation_id == again.json["conversation_id"]


def test_a_batch_has_an_outcome_for_each(world: MatrixWorld, server: Client) -> None:
    good, nested = a_text(world), a_text(world)
    nested["metadata"] = {"a": {"b": 1}}
    nowhere = a_text(world, conversation_id=NO_UUID)

    done = server.call(
        "Messages/SendBatch", bearer=world.service(), messages=[good, nested, nowhere, {}]
    )

    codes = [outcome.error.code for outcome in done.message.outcomes]
    assert codes == [0, 3, 5, 3]
    assert done.message.outcomes[0].message_id
    assert "metadata.a" in done.message.outcomes[1].error.message


@pytest.mark.parametrize("count", [0, 26])
def test_a_batch_has_1_to_25(world: MatrixWorld, server: Client, count: int) -> None:
    refused = server.call(
        "Messages/SendBatch", bearer=world.service(), messages=[a_text(world)] * count
    )

    assert (refused.http_status, refused.reason) == (422, "invalid_request")


def test_a_change_leaves_alone_what_it_does_not_name(world: MatrixWorld, server: Client) -> None:
    webhook_id, token = world.fresh_webhook(), world.service()

    def update(**fields: Any) -> Answered:
        return server.call("Webhooks/Update", bearer=token, webhook_id=webhook_id, **fields)

    update(description="mine")
    paused = update(status="WEBHOOK_STATUS_PAUSED").message.webhook
    bare = update(clear={"paths": ["description"]}).message.webhook

    assert (paused.description, paused.types) == ("mine", ["message.sent"])
    assert not bare.HasField("description")
    for wrong in (
        {"clear": {"paths": ["url"]}},
        {"clear": {"paths": ["description"]}, "description": "x"},
        {"status": "WEBHOOK_STATUS_DISABLED"},
        {"status": 77},
    ):
        refused = update(**wrong)
        assert (refused.code, refused.reason) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "invalid_request",
        )


def test_wrong_fields_are_told_by_the_proto_files_names(world: MatrixWorld, server: Client) -> None:
    wrong = a_text(world, sender="#", to=["bo", "#"])

    refused = server.call("Messages/Send", bearer=world.service(), message=wrong)

    fields = [v.field for v in refused.details["BadRequest"].field_violations]
    assert fields == ["message.sender", "message.to.1"]
    assert "#" not in refused.words


def test_a_listing_goes_on_by_the_other_door(world: MatrixWorld, server: Client) -> None:
    token = world.user_token("cy")
    for other in ("ana", "bo"):
        body = {"type": "private", "members": ["cy", other]}
        rest("POST", "/v1/conversations", body, user="cy")

    whole = rest("GET", "/v1/conversations", user="cy").json["items"]
    begun = rest("GET", "/v1/conversations", user="cy", query={"limit": "1"}).json
    rest_of_it = server.call("Conversations/List", bearer=token, cursor=begun["next_cursor"])

    seen = [begun["items"][0]["conversation_id"]]
    seen += [each.conversation_id for each in rest_of_it.message.conversations]
    assert seen == [each["conversation_id"] for each in whole]
    assert len(seen) > 1
