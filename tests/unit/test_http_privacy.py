"""Erasing people, deleting files and retention over the API, up to the job that does the rest."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from erase_user.handler import lambda_handler as erase
from http_api.handler import lambda_handler
from route_message.handler import lambda_handler as route
from tests.cloud import BUCKET, CONTEXT, Answer, Cloud, assert_problem, cloud, request
from tests.http_files import ready

pytestmark = pytest.mark.req("RNF-009")
PHONE = "5511987650001"


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def call(method: str, path: str, body: Any = None, **more: Any) -> Answer:
    return request(lambda_handler, method, path, body, **more)


def a_user(user_id: str, phone: str | None = None) -> str:
    identities = [{"channel": "whatsapp", "address": phone}] if phone else []
    body = {"name": user_id.title(), "identities": identities}
    assert call("PUT", f"/v1/users/{user_id}", body).status == 200
    return user_id


def run(stack: Cloud, bodies: list[dict[str, Any]]) -> dict[str, Any]:
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "none",
            "body": json.dumps(body),
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        for number, body in enumerate(bodies)
    ]
    return erase({"Records": records}, CONTEXT)  # type: ignore[arg-type, return-value]


def test_erasing_somebody_is_accepted_with_what_goes_and_what_stays(stack: Cloud) -> None:
    user = a_user("dora", PHONE)

    answer = call("DELETE", f"/v1/users/{user}")

    assert answer.status == 202
    assert answer.json["user_id"] == user and answer.json["status"] == "erasing"
    assert all(fact["what"] and fact["when"] for fact in answer.json["erased"])
    assert all(fact["what"] and fact["why"] for fact in answer.json["remains"])
    said = json.dumps(answer.json["remains"])
    for kept in ("event log", "backups", "subscribers", "providers", "queues", "audit", "user id"):
        assert kept in said
    for kept in ("dead letters", "stream", "names of their files"):
        assert kept in said
    assert_problem(call("GET", f"/v1/users/{user}"), 404, "user_not_found")
    assert_problem(call("DELETE", f"/v1/users/{user}"), 404, "user_not_found")
    assert_problem(call("POST", f"/v1/users/{user}/token", {}), 404, "user_not_found")
    again = call("PUT", f"/v1/users/{user}", {"name": "Another"})
    assert_problem(again, 409, "user_erased")
    a_user("heir", PHONE)
    [job] = stack.received("erasures")
    assert (job["kind"], job["user_id"], job["again"]) == ("user", user, False)


@pytest.mark.parametrize("user", ["dora-2", "bo"])
def test_a_users_token_erases_nobody(stack: Cloud, user: str) -> None:
    a_user("dora-2")

    assert_problem(call("DELETE", "/v1/users/dora-2", user=user), 403, "service_only")

    assert call("GET", "/v1/users/dora-2").status == 200


def test_a_job_erases_messages_and_asks_for_a_second_pass(stack: Cloud) -> None:
    dora, bo = a_user("dora-3", "5511987650003"), a_user("bo-3")
    talk = call("POST", "/v1/conversations", {"type": "private", "members": [dora, bo]})
    conversation = talk.json["conversation_id"]
    payload = {"type": "text", "text": "a secret"}
    body = {"conversation_id": conversation, "from": dora, "payload": payload, "metadata": {"a": 1}}
    message = call("POST", "/v1/messages", body).json["message_id"]
    [to_route] = stack.received("inbound")
    record = {"messageId": "1", "body": json.dumps(to_route), "attributes": {"MessageGroupId": "1"}}
    route({"Records": [record]}, CONTEXT)  # type: ignore[arg-type]
    call("DELETE", f"/v1/users/{dora}")

    answer = run(stack, stack.received("erasures"))

    assert answer == {"batchItemFailures": []}
    shown = call("GET", f"/v1/messages/{message}").json
    assert shown["payload"] == {"type": "erased", "reason": "user_erased"}
    assert (shown["metadata"], shown["from"], shown["seq"]) == ({}, dora, 1)
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=stack.urls["erasures"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


def test_a_job_that_nobody_can_read_is_offered_again_and_holds_up_no_other(stack: Cloud) -> None:
    good = {"kind": "user", "user_id": "nobody", "requested_at": 1, "again": True}

    answer = run(stack, [{"kind": "what"}, good])

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_a_file_is_deleted_by_its_owner_and_answers_410(stack: Cloud) -> None:
    ana = a_user("ana-files")
    file_id = ready(stack, ana)
    path = f"/v1/files/{file_id}"
    assert call("GET", f"{path}/content", user=ana).status == 302

    answers = [call("DELETE", path, user=ana).status for _ in range(2)]

    assert answers == [204, 204]
    assert_problem(call("GET", f"{path}/content", user=ana), 410, "file_deleted")
    assert_problem(call("GET", f"{path}/content", user="eve"), 404, "file_not_found")
    shown = call("GET", path, user=ana).json
    assert (shown["status"], shown["filename"], shown["reason"]) == ("DELETED", "", "deleted")
    assert (shown["checksum"], shown["sha256"], shown["detail"]) == (None, None, None)
    run(stack, stack.received("erasures"))
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)
    assert [o for o in objects.get("Contents", []) if file_id in o["Key"]] == []


def test_retention_is_opened_by_services_and_shown(stack: Cloud) -> None:
    members = [a_user("ana-r"), a_user("bo-r")]
    body = {"type": "private", "members": members, "retention_days": 7}

    assert_problem(call("POST", "/v1/conversations", body, user="ana-r"), 403, "service_only")
    opened = call("POST", "/v1/conversations", body)

    assert (opened.status, opened.json["retention_days"]) == (201, 7)
    there = call("GET", f"/v1/conversations/{opened.json['conversation_id']}", user="bo-r")
    assert there.json["retention_days"] == 7
    for days in (0, 3651, "x"):
        refused = call("POST", "/v1/conversations", {**body, "retention_days": days})
        assert_problem(refused, 422, "invalid_request")
