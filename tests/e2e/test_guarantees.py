"""Not lost, not twice, not out of order: with concurrency, repeats and the provider's whims."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.client import Api, Sandbox, wait_until
from tests.e2e.conftest import People, over_both_doors

pytestmark = over_both_doors


@pytest.mark.req("RNF-005")
def test_two_hundred_concurrent_sends_get_seqs_without_gaps_in_one_order(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)

    with ThreadPoolExecutor(32) as pool:
        sent = set(pool.map(lambda n: api.send(conversation, ana, f"text {n}"), range(200)))

    wait_until(lambda: len(sandbox.inbox(at["whatsapp"], "whatsapp")) >= 200, "all of them", 60)
    history = api.history(conversation, limit=100)
    assert [m["seq"] for m in history] == list(range(1, 201))
    assert {m["message_id"] for m in history} == sent
    in_order = [m["payload"]["text"] for m in history]
    assert sandbox.texts(at["whatsapp"], "whatsapp") == in_order
    api.wait_for_status(history[-1]["message_id"], "READ", seconds=30)


@pytest.mark.req("RNF-004")
@pytest.mark.req("RN-001")
def test_one_id_sent_fifty_times_at_once_is_one_message_and_one_delivery(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    message_id = str(uuid.uuid4())
    body = {
        "message_id": message_id,
        "conversation_id": conversation,
        "from": ana,
        "payload": {"type": "text", "text": "once"},
    }

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: api.call("POST", "/v1/messages", body), range(50)))

    assert {a.status_code for a in answers} == {202}
    assert {a.text for a in answers} == {answers[0].text}
    assert sum("idempotency-replayed" not in a.headers for a in answers) == 1
    api.wait_for_status(message_id, "READ")
    again = api.call("POST", "/v1/messages", body)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    assert [m["message_id"] for m in api.history(conversation)] == [message_id]
    assert sandbox.texts(at["whatsapp"], "whatsapp") == ["once"]


def test_the_same_id_with_another_body_is_a_conflict_that_tells_nothing(
    api: Api, people: People
) -> None:
    (ana, _), (bruno, _) = people.on(), people.on()
    conversation = api.conversation(ana, bruno)
    sent = api.send(conversation, ana, "a secret")

    body = {"conversation_id": conversation, "from": ana, "message_id": sent}
    other = api.call("POST", "/v1/messages", {**body, "payload": {"type": "text", "text": "x"}})

    assert other.status_code == 409
    assert other.json()["code"] == "message_id_taken"
    assert "secret" not in other.text
    assert conversation not in other.text


def test_a_batch_is_answered_one_by_one_and_keeps_its_order(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    good = [
        {
            "message_id": str(uuid.uuid4()),
            "conversation_id": conversation,
            "from": ana,
            "payload": {"type": "text", "text": f"{n}"},
        }
        for n in range(23)
    ]
    foreign = {**good[0], "message_id": str(uuid.uuid4()), "conversation_id": str(uuid.uuid4())}
    empty = {**good[0], "payload": {"type": "text", "text": ""}}

    answer = api.ok("POST", "/v1/messages/batch", {"messages": [*good, foreign, empty]})

    statuses = [item["status"] for item in answer["items"]]
    assert statuses == ["accepted"] * 23 + ["rejected"] * 2
    assert [i["error"]["code"] for i in answer["items"][23:]] == [
        "conversation_not_found",
        "invalid_request",
    ]
    api.wait_for_status(good[-1]["message_id"], "READ")
    assert sandbox.texts(at["whatsapp"], "whatsapp") == [str(n) for n in range(23)]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("duplicate", {"copies": 3}), ("reorder", {}), ("skip", {"skip": ["delivered"]})],
)
def test_callbacks_twice_in_any_order_or_left_out_end_in_the_right_status(
    api: Api, sandbox: Sandbox, people: People, kind: str, more: dict[str, object]
) -> None:
    (ana, _), (bruno, at) = people.on(), people.on("whatsapp")
    conversation = api.conversation(ana, bruno)
    sandbox.fault("whatsapp", kind, address=at["whatsapp"], **more)

    sent = api.send(conversation, ana, "hello")

    message = api.wait_for_status(sent, "READ")
    [delivery] = message["deliveries"]
    assert delivery["delivered_at"] is not None
    assert delivery["delivered_at"] <= delivery["read_at"] or kind == "reorder"
    assert len(api.history(conversation)) == 1


def test_what_a_person_wrote_once_is_one_message_however_often_it_is_called_back(
    api: Api, sandbox: Sandbox, people: People
) -> None:
    (ana, ana_at), (bruno, _) = people.on("whatsapp"), people.on()
    conversation = api.conversation(ana, bruno)

    sandbox.writes(ana_at["whatsapp"], "whatsapp", "once", repeat=5)
    sandbox.writes(ana_at["whatsapp"], "whatsapp", "then")
    wait_until(lambda: len(api.history(conversation)) >= 2, "both")

    assert [m["payload"]["text"] for m in api.history(conversation)] == ["once", "then"]
