"""What Uppy's AwsS3 plug-in asks for, in its order, and what it must not do."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cloud import PUBLIC_URL, Cloud, assert_problem, cloud
from tests.http_files import MIB, a_pair, call, check, put

pytestmark = [pytest.mark.req("RF-004"), pytest.mark.req("RF-008")]
UPPY = "/v1/files/s3/multipart"
NOWHERE = "00000000-0000-4000-8000-000000000404"


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def created(user: str = "ana", **fields: Any) -> str:
    body = {"filename": "a.bin", "type": "application/x-thing", "metadata": {}, **fields}
    answer = call("POST", UPPY, body, user=user)
    assert answer.status == 200, answer.text
    assert answer.json == {
        "key": answer.json["uploadId"],
        "uploadId": answer.json["key"],
        "bucket": "files",
    }
    return str(answer.json["uploadId"])


def test_the_plug_in_uploads_a_file_in_parts(stack: Cloud) -> None:
    upload = created(metadata={"name": "a.bin", "relativePath": None})
    key = {"key": upload}
    content = bytes(5 * MIB), b"the rest"

    signed = call("GET", f"{UPPY}/{upload}/1", user="ana", query=key).json
    batch = call(
        "GET", f"{UPPY}/{upload}/batch", user="ana", query={**key, "partNumbers": "1,2"}
    ).json
    assert put(signed["url"], content[0]) == 200
    assert put(batch["presignedUrls"]["2"], content[1]) == 200
    parts = call("GET", f"{UPPY}/{upload}", user="ana", query=key).json
    done = call("POST", f"{UPPY}/{upload}/complete", {"parts": parts}, user="ana", query=key)
    again = check(stack)

    shown = call("GET", f"/v1/files/{upload}", user="ana").json
    assert (signed["expires"], set(batch["presignedUrls"])) == (3600, {"1", "2"})
    assert [(p["PartNumber"], p["Size"]) for p in parts] == [(1, 5 * MIB), (2, 8)]
    assert all(set(p) == {"PartNumber", "Size", "ETag"} and p["ETag"] for p in parts)
    assert done.status == 200
    assert done.json == {
        "location": f"{PUBLIC_URL}/v1/files/{upload}/content",
        "key": upload,
        "bucket": "files",
    }
    assert again == []
    assert (shown["status"], shown["size"], shown["owner"]) == ("READY", 5 * MIB + 8, "ana")


def test_a_url_signs_no_length_for_it_is_not_known(stack: Cloud) -> None:
    url = call("GET", f"{UPPY}/{created()}/1", user="ana").json["url"]

    assert parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"] == ["host"]


def test_a_page_may_say_where_it_is_shared(stack: Cloud) -> None:
    upload = created(metadata={"conversation_id": a_pair("ana", "bo")})

    assert call("GET", f"{UPPY}/{upload}", user="bo").json == []


def test_an_upload_is_aborted(stack: Cloud) -> None:
    upload = created()

    answers = [call("DELETE", f"{UPPY}/{upload}", user="ana") for _ in range(2)]

    assert [(a.status, a.json) for a in answers] == [(200, {})] * 2
    refused = call("GET", f"{UPPY}/{upload}/1", user="ana")
    assert_problem(refused, 409, "file_not_uploading")


def test_an_upload_without_parts_is_not_complete(stack: Cloud) -> None:
    answer = call("POST", f"{UPPY}/{created()}/complete", {"parts": []}, user="ana")

    assert_problem(answer, 409, "parts_missing")


@pytest.mark.parametrize(
    ("there", "missing"), [([1, 2], [3]), ([1, 3], [2]), ([2, 3], [1])], ids=str
)
def test_a_part_that_was_sent_and_is_not_there_is_named(stack: Cloud, there, missing) -> None:
    upload = created()
    for number in there:
        put(call("GET", f"{UPPY}/{upload}/{number}", user="ana").json["url"], bytes(5 * MIB))
    sent = [{"PartNumber": number, "ETag": '"x"'} for number in (1, 2, 3)]

    answer = call("POST", f"{UPPY}/{upload}/complete", {"parts": sent}, user="ana")

    assert assert_problem(answer, 409, "parts_missing")["missing_parts"] == missing


def test_parts_that_s3_does_not_take_are_rejected_and_do_not_wait_for_ever(stack: Cloud) -> None:
    upload = created()
    for number in (1, 2):
        put(call("GET", f"{UPPY}/{upload}/{number}", user="ana").json["url"], b"far too small")
    parts = [{"PartNumber": number, "ETag": '"x"'} for number in (1, 2)]
    call("POST", f"{UPPY}/{upload}/complete", {"parts": parts}, user="ana")

    again = check(stack)

    shown = call("GET", f"/v1/files/{upload}", user="ana").json
    assert again == []
    assert shown["status"] == "REJECTED"
    assert shown["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filename": ""},
        {"filename": "a", "type": "picture"},
        {"filename": "a", "metadata": {"conversation_id": "here"}},
    ],
    ids=str,
)
def test_an_upload_that_means_nothing_is_refused(stack: Cloud, body: dict[str, Any]) -> None:
    assert_problem(call("POST", UPPY, body, user="ana"), 422, "invalid_request")


@pytest.mark.parametrize("numbers", ["", "x", "1,", "1,-2", ",".join(["1"] * 101), "1" * 601])
def test_part_numbers_are_numbers_with_commas(stack: Cloud, numbers: str) -> None:
    answer = call("GET", f"{UPPY}/{created()}/batch", user="ana", query={"partNumbers": numbers})

    assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize("number", ["0", "10001", "x"])
def test_a_part_that_s3_does_not_have_is_refused(stack: Cloud, number: str) -> None:
    answer = call("GET", f"{UPPY}/{created()}/{number}", user="ana")

    assert_problem(answer, 422, "invalid_request")


ROUTES = [
    ("GET", "", None),
    ("GET", "/1", None),
    ("GET", "/batch", None),
    ("POST", "/complete", {"parts": []}),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "end", "body"), ROUTES)
def test_a_strangers_upload_does_not_exist(stack: Cloud, method: str, end: str, body: Any) -> None:
    for upload in (created(), NOWHERE):
        answer = call(method, f"{UPPY}/{upload}{end}", body, user="eve", query={"partNumbers": "1"})
        assert_problem(answer, 404, "file_not_found")
