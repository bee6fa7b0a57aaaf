"""Erasing a person on the running stack: the table is read item by item, and nothing is left."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from infra.local import aws
from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.e2e.conftest import People, over_both_doors
from tests.e2e.realtime import bare
from tests.e2e.uploads import PNG, send_file, upload
from tests.e2e.webhooks import Subscribers

pytestmark = pytest.mark.req("RNF-009")
NAME, SECRET, FILENAME = "Dora Dorival", "my secret is 42", "passport of Dora.png"
DOCUMENTED = ("EVENTS#", "PROVIDER#")
"""What expires by itself and is said to stay: pages of the event log, providers' message ids."""


def items(stack: Addresses) -> Iterator[dict[str, Any]]:
    table = aws.client(stack.aws_endpoint_url, "dynamodb")
    for page in table.get_paginator("scan").paginate(TableName=stack.table_name):
        yield from page["Items"]


def who_knows(stack: Addresses, *words: str) -> list[tuple[str, str]]:
    """Keys of items that have one of these words anywhere in them."""
    found = []
    for item in items(stack):
        key = (item["pk"]["S"], item["sk"]["S"])
        if not key[0].startswith(DOCUMENTED) and any(
            w in json.dumps(item, default=str) for w in words
        ):
            found.append(key)
    return found


def objects(stack: Addresses) -> list[str]:
    s3 = aws.client(stack.aws_endpoint_url, "s3")
    [bucket] = [
        b["Name"]
        for b in s3.list_buckets()["Buckets"]
        if f"chat4all-{stack.stage}-files" in b["Name"]
    ]
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def second_pass(stack: Addresses, user_id: str) -> None:
    """As it would come after a quarter of an hour."""
    job = {"kind": "user", "user_id": user_id, "again": True}
    job["requested_at"] = int(time.time() * 1000)
    record = {
        "messageId": "1",
        "receiptHandle": "none",
        "body": json.dumps(job),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }
    answer = aws.client(stack.aws_endpoint_url, "lambda").invoke(
        FunctionName=f"chat4all-{stack.stage}-erase-user",
        Payload=json.dumps({"Records": [record]}).encode(),
    )
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}


@over_both_doors
def test_nothing_is_left_of_an_erased_person_but_what_the_answer_says(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People, subscribers: Subscribers
) -> None:
    told = subscribers.add("user.erased", "member.left")
    (bo, _), (cy, _), phone = people.on(), people.on("whatsapp"), people.address()
    dora = api.user(f"erased-{phone[-6:]}", NAME, whatsapp=phone)
    pair, group = api.conversation(dora, bo), api.conversation(dora, bo, cy)
    left = api.conversation(dora, bo, cy)
    as_dora = api.as_user(dora)
    for talk in (pair, group, left):
        api.send(talk, dora, SECRET, metadata={"note": SECRET})
        api.wait_for_status(api.send(talk, bo, "to Dora and others"), "READ")
    api.ok("DELETE", f"/v1/conversations/{left}/members/{dora}")
    sandbox.writes(phone, "whatsapp", SECRET)
    file_id = upload(as_dora, PNG + b"passport", filename=FILENAME)["file_id"]
    send_file(api, pair, dora, file_id, caption=SECRET)
    wait_until(lambda: len(api.history(pair)) + len(api.history(group)) == 6, "all to be placed")
    assert len({sk for _, sk in who_knows(stack, phone, NAME, SECRET, FILENAME)}) >= 4
    with bare(stack.sockets_url, as_dora.token) as socket:
        answer = api.ok("DELETE", f"/v1/users/{dora}")

        assert answer["status"] == "erasing" and answer["remains"]
        assert api.call("GET", f"/v1/users/{dora}").status_code == 404
        gone = wait_until(lambda: not who_knows(stack, phone, NAME, SECRET, FILENAME), "her to go")
        with pytest.raises(ConnectionClosed):
            while True:
                socket.hear(20)
    assert gone
    wait_until(lambda: f"files/{file_id}" not in objects(stack), "her file to go")
    assert told.wait_for("user.erased", user_id=dora)
    assert told.wait_for("member.left", user_id=dora, conversation_id=group)
    before = len(api.history(pair))
    as_dora.send(pair, dora, f"{SECRET}, once more")  # with a token that still lives
    wait_until(lambda: len(api.history(pair)) > before, "its place")
    assert who_knows(stack, SECRET)

    second_pass(stack, dora)

    assert who_knows(stack, phone, NAME, SECRET, FILENAME) == []
    for talk in (pair, group, left):
        history = api.history(talk)
        assert [m["seq"] for m in history] == list(range(1, len(history) + 1))
        hers = {json.dumps(m["payload"]) for m in history if m["from"] == dora}
        assert hers == {json.dumps({"type": "erased", "reason": "user_erased"})}
        others = [m["payload"]["text"] for m in history if m["from"] == bo]
        assert others == ["to Dora and others"]
    assert dora not in api.ok("GET", f"/v1/conversations/{group}")["members"]
    assert api.ok("GET", f"/v1/files/{file_id}")["status"] == "DELETED"

    sandbox.writes(phone, "whatsapp", f"hello, I am new here {dora}")
    wait_until(lambda: who_knows(stack, f"hello, I am new here {dora}"), "somebody new to be there")
    [user] = [pk for pk, sk in who_knows(stack, phone) if pk.startswith("USER#")]
    assert user != f"USER#{dora}"
    assert api.call("PUT", f"/v1/users/{dora}", json={"name": "Another"}).status_code == 409

    api.ok("DELETE", f"/v1/users/{user.removeprefix('USER#')}")
    sandbox.writes(phone, "whatsapp", f"hello, once more {dora}")
    wait_until(lambda: who_knows(stack, f"hello, once more {dora}"), "the next one to be there")
    [another] = [pk for pk, sk in who_knows(stack, phone) if pk.startswith("USER#")]
    assert another not in (user, f"USER#{dora}")


def test_a_body_goes_when_its_days_are_over_and_its_place_stays(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    body = {"type": "private", "members": [ana, bo], "retention_days": 1}
    talk = api.ok("POST", "/v1/conversations", body)["conversation_id"]
    sent = [api.send(talk, ana, f"for a day {n}") for n in range(3)]
    wait_until(lambda: len(api.history(talk)) == 3, "their places")
    table = aws.client(stack.aws_endpoint_url, "dynamodb")
    [kept] = [
        i for i in items(stack) if i["pk"]["S"] == f"MSG#{sent[1]}" and "BODY#" in i["sk"]["S"]
    ]
    assert 0 <= time.time() + 86_400 - int(kept["expires_at"]["N"]) < 60

    table.update_item(  # a day later
        TableName=stack.table_name,
        Key={"pk": {"S": f"MSG#{sent[1]}"}, "sk": {"S": "MSG"}},
        UpdateExpression="SET body_until = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )

    history = api.history(talk)
    assert [m["seq"] for m in history] == [1, 2, 3]
    assert [m["payload"].get("text") for m in history] == ["for a day 0", None, "for a day 2"]
    assert history[1]["payload"] == {"type": "erased", "reason": "retention"}
    table.delete_item(TableName=stack.table_name, Key={"pk": kept["pk"], "sk": kept["sk"]})
    assert api.history(talk) == history


@over_both_doors
def test_a_deleted_file_is_gone_with_its_bytes_and_the_urls_that_led_to_it(
    stack: Addresses, api: Api, people: People
) -> None:
    (ana, _), (bo, _) = people.on(), people.on()
    as_ana, talk = api.as_user(ana), api.conversation(ana, bo)
    file_id = upload(as_ana, PNG + b"a picture")["file_id"]
    sent = send_file(api, talk, ana, file_id)
    content = f"/v1/files/{file_id}/content"
    url = api.as_user(bo).call("GET", content, follow_redirects=False).headers["location"]
    assert httpx.get(url).status_code == 200

    assert as_ana.call("DELETE", f"/v1/files/{file_id}").status_code == 204

    wait_until(lambda: f"files/{file_id}" not in objects(stack), "its bytes to go")
    assert httpx.get(url).status_code == 404
    refused = api.as_user(bo).call("GET", content, follow_redirects=False)
    assert (refused.status_code, refused.json()["code"]) == (410, "file_deleted")
    assert api.message(sent)["payload"]["file_id"] == file_id
