"""What the routes of files refuse, and to whom."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.cloud import Cloud, assert_problem, cloud
from tests.http_files import MIB, WORDS, a_pair, call, check, completed, initiate, ready, uploaded

pytestmark = [pytest.mark.req("RF-003"), pytest.mark.req("RF-008")]
NOWHERE = "00000000-0000-4000-8000-000000000404"
MAX = 2048 * MIB


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 0},
        {"size": -1},
        {"size": "many"},
        {"size": None},
        {"filename": ""},
        {"content_type": "picture"},
        {"part_size": 5 * MIB - 1},
        {"part_size": 64 * MIB + 1},
        {"sha256": "ab"},
        {"conversation_id": "here"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_an_upload_that_means_nothing_is_refused(stack: Cloud, changes: dict[str, Any]) -> None:
    body = {"filename": "a", "size": 1, "content_type": "text/plain", **changes}

    assert_problem(call("POST", "/v1/files/initiate", body, user="ana"), 422, "invalid_request")


@pytest.mark.parametrize(("size", "status"), [(MAX, 201), (MAX + 1, 413)])
def test_two_gibibytes_are_the_limit_and_it_is_told(stack: Cloud, size: int, status: int) -> None:
    answer = initiate(size)

    assert answer.status == status
    if status == 413:
        problem = assert_problem(answer, 413, "file_too_large")
        assert str(MAX) in problem["detail"]
        assert problem["limit"] == MAX


def test_nobody_begins_an_upload_for_somebody_else(stack: Cloud) -> None:
    theirs = a_pair("bo", "cy")

    assert_problem(initiate(user_id="bo"), 403, "not_yourself")
    assert_problem(initiate(conversation_id=theirs), 404, "conversation_not_found")
    assert_problem(initiate(conversation_id=NOWHERE), 404, "conversation_not_found")


ROUTES = [
    ("GET", "", None),
    ("GET", "/parts", None),
    ("POST", "/complete", {}),
    ("GET", "/content", None),
    ("DELETE", "", None),
]
READING = {("GET", ""), ("GET", "/content")}


@pytest.mark.parametrize(("method", "end", "body"), ROUTES)
def test_a_strangers_file_does_not_exist(stack: Cloud, method: str, end: str, body: Any) -> None:
    file_id = uploaded()

    for path in (f"/v1/files/{file_id}{end}", f"/v1/files/{NOWHERE}{end}"):
        answer = call(method, path, body, user="eve")
        assert_problem(answer, 404, "file_not_found")
    named = call("POST", "/v1/files/complete", {"file_id": file_id}, user="eve")
    assert_problem(named, 404, "file_not_found")


@pytest.mark.parametrize(("method", "end", "body"), ROUTES)
def test_a_member_may_read_and_not_write(stack: Cloud, method: str, end: str, body: Any) -> None:
    file_id = uploaded(conversation_id=a_pair("ana", "bo"))
    answer = call(method, f"/v1/files/{file_id}{end}", body, user="bo")

    if (method, end) not in READING:
        assert_problem(answer, 403, "not_file_owner")
    elif end:
        assert_problem(answer, 409, "file_not_ready")
    else:
        assert answer.status == 200


@pytest.mark.parametrize(("method", "end", "body"), ROUTES)
def test_an_id_that_is_none_is_refused(stack: Cloud, method: str, end: str, body: Any) -> None:
    answer = call(method, f"/v1/files/not-an-id{end}", body, user="ana")

    assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize(
    "query", [{"from": "0"}, {"from": "10001"}, {"count": "0"}, {"count": "101"}, {"from": "x"}]
)
def test_only_so_many_parts_are_told_at_once(stack: Cloud, query: dict[str, str]) -> None:
    file_id = initiate().json["file_id"]

    assert_problem(
        call("GET", f"/v1/files/{file_id}/parts", user="ana", query=query), 422, "invalid_request"
    )


def test_parts_that_there_are_not_have_no_url(stack: Cloud) -> None:
    file_id = initiate().json["file_id"]

    answer = call("GET", f"/v1/files/{file_id}/parts", user="ana", query={"from": "2"})

    assert_problem(answer, 422, "no_such_part")


def test_every_missing_part_is_named(stack: Cloud) -> None:
    file_id = initiate(11 * MIB, part_size=5 * MIB).json["file_id"]

    answer = call("POST", f"/v1/files/{file_id}/complete", {}, user="ana")

    problem = assert_problem(answer, 409, "parts_missing")
    assert problem["missing_parts"] == [1, 2, 3]


@pytest.mark.parametrize("checksum", ["", "AAAA", "not base64", 7])
def test_a_checksum_that_is_none_is_refused(stack: Cloud, checksum: Any) -> None:
    path = f"/v1/files/{uploaded()}/complete"

    assert_problem(call("POST", path, {"checksum": checksum}, user="ana"), 422, "invalid_request")


def test_another_checksum_than_the_first_time_is_a_conflict(stack: Cloud) -> None:
    path = f"/v1/files/{uploaded()}/complete"
    first = call("POST", path, {"checksum": "AAAAAAAAAAA="}, user="ana")

    answer = call("POST", path, {"checksum": "AAAAAAAAAAE="}, user="ana")

    assert first.status == 202
    assert_problem(answer, 409, "checksum_differs")
    stack.received("uploads")


def test_what_is_complete_is_no_upload_any_more(stack: Cloud) -> None:
    checking, done = completed(), ready(stack)

    for file_id in (checking, done):
        answer = call("GET", f"/v1/files/{file_id}/parts", user="ana")
        problem = assert_problem(answer, 409, "file_not_uploading")
        assert problem["file_status"] == "READY"


def test_what_is_being_checked_is_neither_aborted_nor_deleted(stack: Cloud) -> None:
    checking = completed()

    problem = assert_problem(
        call("DELETE", f"/v1/files/{checking}", user="ana"), 409, "file_not_uploading"
    )

    assert problem["file_status"] == "CHECKING"
    check(stack)


def test_what_was_aborted_cannot_be_completed(stack: Cloud) -> None:
    path = f"/v1/files/{uploaded()}"
    call("DELETE", path, user="ana")

    answer = call("POST", f"{path}/complete", {}, user="ana")

    assert_problem(answer, 409, "file_not_uploading")


def test_a_disposition_that_there_is_not_is_refused(stack: Cloud) -> None:
    path = f"/v1/files/{ready(stack)}/content"

    answer = call("GET", path, user="ana", query={"disposition": "here"})

    assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize("token", ["nothing", "x" * 22, "%2e%2e"])
def test_a_token_that_nobody_was_given_leads_nowhere(stack: Cloud, token: str) -> None:
    assert_problem(call("GET", f"/f/{token}", public=True), 404, "link_not_found")


@pytest.mark.req("RNF-003")
def test_a_completion_that_could_not_be_queued_is_completed_by_its_repeat(stack: Cloud) -> None:
    path = f"/v1/files/{uploaded()}/complete"
    sqs = boto3.client("sqs")
    sqs.delete_queue(QueueUrl=stack.urls["uploads"])

    refused = call("POST", path, {}, user="ana")
    sqs.create_queue(QueueName="chat4all-local-uploads.fifo", Attributes={"FifoQueue": "true"})
    repeated = call("POST", path, {}, user="ana")

    assert (refused.status, refused.json["code"]) == (503, "unavailable")
    assert (repeated.status, repeated.json["size"]) == (202, len(WORDS))
    assert check(stack) == []
