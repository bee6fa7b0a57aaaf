"""Every type of event, provoked and received."""

from __future__ import annotations

from collections import Counter

import pytest

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.receiver import Answer
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import connected
from tests.e2e.uploads import PNG, upload, uploaded
from tests.e2e.webhooks import LOGGED, TRANSIENT, Subscribers


def rejected_file(owner: Api) -> str:
    """One that does not begin as what it says it is."""
    file_id = str(uploaded(owner, b"<html>no picture</html>")["file_id"])
    path = f"/v1/files/{file_id}"
    wait_until(lambda: owner.ok("GET", path)["status"] == "REJECTED", "it to be rejected")
    return file_id


def rename(stack: Addresses, conversation: str) -> None:
    """New metadata: no route changes them yet."""
    aws.client(stack.aws_endpoint_url, "dynamodb").update_item(
        TableName=stack.table_name,
        Key={"pk": {"S": f"CONV#{conversation}"}, "sk": {"S": "META"}},
        UpdateExpression="SET metadata = :metadata",
        ExpressionAttributeValues={":metadata": {"S": '{"name":"friends"}'}},
    )


@pytest.mark.req("RF-009")
def test_each_type_of_event_arrives_once_with_a_valid_signature(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People, subscribers: Subscribers
) -> None:
    everything = subscribers.add(*LOGGED, *TRANSIENT)
    gone = subscribers.add("user.updated")
    gone.always(Answer(410))

    (ana, anas), (bo, _), (caio, _) = people.on("whatsapp"), people.on("whatsapp"), people.on()
    group = api.conversation(ana, bo, caio)
    sandbox.writes(anas["whatsapp"], "whatsapp", "Olá")
    wait_until(lambda: api.history(group), "what Ana wrote")
    api.wait_for_status(api.history(group)[0]["message_id"], "READ", "SENT")
    failed = api.send(group, ana, "nowhere", to=[caio], channels=["whatsapp"])
    api.wait_for_status(failed, "FAILED")
    at_caio = api.as_user(caio)
    at_caio.history(group)
    at_caio.ok("POST", f"/v1/conversations/{group}/read", {"up_to_seq": 2})
    dora, _ = people.on()
    api.ok("POST", f"/v1/conversations/{group}/members", {"user_id": dora})
    api.ok("DELETE", f"/v1/conversations/{group}/members/{dora}")
    rename(stack, group)
    ready = upload(at_caio, PNG + b"a picture")["file_id"]
    refused = rejected_file(at_caio)
    api.ok("DELETE", f"/v1/users/{dora}")
    with connected(stack, api, caio) as client:
        client.typing(group)
        everything.wait_for("typing", user_id=caio)

    everything.wait_for("presence", user_id=caio, status="offline")
    everything.wait_for("endpoint.disabled", webhook_id=gone.webhook_id)
    for kind in LOGGED:
        everything.wait_for(kind)
    in_group = Counter(e["type"] for e in everything.events(conversation_id=group))
    assert in_group["conversation.created"] == in_group["conversation.updated"] == 1
    assert (in_group["member.joined"], in_group["member.left"]) == (4, 1)
    assert (in_group["message.received"], in_group["message.accepted"]) == (1, 2)
    assert (
        in_group["message.sent"] == in_group["message.delivered"] == in_group["message.read"] == 1
    )
    assert in_group["message.failed"] == in_group["conversation.read"] == 1
    assert in_group["conversation.delivered"] == in_group["typing"] == 1
    users = [e["data"]["user_id"] for e in everything.events("user.updated")]
    assert {ana, bo, caio, dora} <= set(users)
    assert max(Counter(users).values()) == 1
    assert len(everything.events("file.ready", file_id=ready)) == 1
    assert len(everything.events("user.erased", user_id=dora)) == 1
    [told] = everything.events("file.rejected", file_id=refused)
    assert told["data"]["owner"] == caio
    assert told["data"]["code"]
    states = [e["data"]["status"] for e in everything.events("presence", user_id=caio)]
    assert sorted(states) == ["offline", "online"]
    ids = [delivery.webhook_id for delivery in everything.deliveries()]
    assert len(ids) == len(set(ids))
