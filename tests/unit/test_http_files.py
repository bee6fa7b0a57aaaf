"""Files over the API: begun, uploaded, resumed, completed and aborted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from tests.cloud import BUCKET, Cloud, cloud
from tests.http_files import (
    MIB,
    WORDS,
    call,
    check,
    initiate,
    put,
    uploaded,
)

pytestmark = [pytest.mark.req("RF-003"), pytest.mark.req("RF-008")]
SHOWN = {
    "file_id",
    "status",
    "filename",
    "size",
    "content_type",
    "owner",
    "part_size",
    "part_count",
    "parts_present",
    "missing_parts",
    "uploaded_bytes",
    "percent",
    "checksum",
    "checksum_verified",
    "sha256",
    "reason",
    "detail",
    "created_at",
    "upload_expires_at",
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


def in_hours(moment: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.now(UTC)) / timedelta(hours=1)


def test_a_small_file_is_begun_with_the_url_of_its_only_part(stack: Cloud) -> None:
    answer = initiate(filename="../words.txt", content_type="Text/Plain; charset=utf-8")

    begun = answer.json
    assert answer.status == 201
    assert (begun["status"], begun["filename"]) == ("UPLOADING", "_words.txt")
    assert (begun["size"], begun["content_type"]) == (len(WORDS), "text/plain")
    assert (begun["part_size"], begun["part_count"]) == (8 * MIB, 1)
    [part] = begun["upload_urls"]
    assert part == {"part_number": 1, "size": len(WORDS), "url": begun["upload_url"]}
    assert 0.9 < in_hours(begun["expires_at"]) <= 1.01
    assert 23.9 < in_hours(begun["upload_expires_at"]) <= 24


def test_a_url_signs_the_part_its_length_and_for_how_long(stack: Cloud) -> None:
    url = urlsplit(initiate(11 * MIB, part_size=5 * MIB).json["upload_urls"][2]["url"])

    signed = parse_qs(url.query)
    assert BUCKET in url.netloc + url.path
    assert signed["partNumber"] == ["3"]
    assert "content-length" in signed["X-Amz-SignedHeaders"][0].split(";")
    assert signed["X-Amz-Expires"] == ["3600"]
    assert "uploadId" in signed


def test_a_large_file_is_begun_with_its_first_hundred_parts(stack: Cloud) -> None:
    begun = initiate(2048 * MIB).json

    more = call("GET", f"/v1/files/{begun['file_id']}/parts", user="ana", query={"from": "101"})
    last = call("GET", f"/v1/files/{begun['file_id']}/parts", user="ana", query={"from": "255"})

    assert (begun["part_count"], begun["upload_url"]) == (256, None)
    numbers = [part["part_number"] for part in begun["upload_urls"] + more.json["items"]]
    assert numbers == list(range(1, 201))
    assert [(p["part_number"], p["size"]) for p in last.json["items"]] == [
        (255, 8 * MIB),
        (256, 8 * MIB),
    ]
    assert 0.9 < in_hours(more.json["expires_at"]) <= 1.01


def test_fewer_parts_may_be_asked_for(stack: Cloud) -> None:
    file_id = initiate(11 * MIB, part_size=5 * MIB).json["file_id"]

    answer = call(
        "GET", f"/v1/files/{file_id}/parts", user="ana", query={"from": "2", "count": "1"}
    )

    [part] = answer.json["items"]
    assert (part["part_number"], part["size"]) == (2, 5 * MIB)


def test_an_upload_is_resumed_by_what_is_missing(stack: Cloud) -> None:
    content = bytes(5 * MIB), bytes(5 * MIB), b"the rest"
    begun = initiate(10 * MIB + 8, part_size=5 * MIB).json
    path = f"/v1/files/{begun['file_id']}"
    for number in (1, 3):
        assert put(begun["upload_urls"][number - 1]["url"], content[number - 1]) == 200

    half = call("GET", path, user="ana").json
    refused = call("POST", f"{path}/complete", {}, user="ana")
    url = call("GET", f"{path}/parts", user="ana", query={"from": "2"}).json["items"][0]["url"]
    put(url, content[1])
    done = call("POST", f"{path}/complete", {}, user="ana")

    assert set(half) >= SHOWN
    assert (half["parts_present"], half["missing_parts"]) == ([1, 3], [2])
    assert (half["uploaded_bytes"], half["percent"]) == (5 * MIB + 8, 50.0)
    assert (refused.status, refused.json["code"]) == (409, "parts_missing")
    assert refused.json["missing_parts"] == [2]
    assert (done.status, done.json["status"]) == (202, "CHECKING")
    assert (done.json["percent"], done.json["parts_present"]) == (100.0, [1, 2, 3])


@pytest.mark.parametrize("named", [True, False], ids=["in the body", "in the path"])
def test_a_file_is_completed_checked_and_ready(stack: Cloud, named: bool) -> None:
    begun = initiate(sha256="ab" * 32).json
    put(begun["upload_url"])
    file_id = begun["file_id"]
    path = "/v1/files/complete" if named else f"/v1/files/{file_id}/complete"
    body = {"file_id": file_id} if named else {}

    first = call("POST", path, body, user="ana")
    assert check(stack) == []
    again = call("POST", path, body, user="ana")

    shown = call("GET", f"/v1/files/{file_id}", user="ana").json
    assert (first.status, first.json["status"]) == (202, "CHECKING")
    assert (again.status, again.json) == (200, shown)
    assert (shown["status"], shown["reason"], shown["percent"]) == ("READY", None, 100.0)
    assert (shown["owner"], shown["sha256"]) == ("ana", "ab" * 32)


def test_a_file_that_is_something_else_is_rejected_with_the_reason(stack: Cloud) -> None:
    begun = initiate(content_type="image/png", size=17).json
    put(begun["upload_url"], b"%PDF-1.7\n........")
    path = f"/v1/files/{begun['file_id']}"
    call("POST", f"{path}/complete", {}, user="ana")
    check(stack)

    again = call("POST", f"{path}/complete", {}, user="ana")
    fetched = call("GET", f"{path}/content", user="ana")

    assert (again.status, again.json["status"]) == (200, "REJECTED")
    assert again.json["reason"] == "content_type_mismatch"
    assert "application/pdf" in again.json["detail"]
    assert (fetched.status, fetched.json["code"]) == (409, "file_not_ready")


def test_a_ready_file_cannot_be_written_by_a_url_from_before(stack: Cloud) -> None:
    begun = initiate().json
    put(begun["upload_url"])
    call("POST", f"/v1/files/{begun['file_id']}/complete", {}, user="ana")
    check(stack)

    with pytest.raises(KeyError):  # moto's word for NoSuchUpload
        put(begun["upload_url"], b"other bytes!")

    url = call("GET", f"/v1/files/{begun['file_id']}/content", user="ana").headers["location"]
    assert requests.get(url, timeout=10).content == WORDS


def test_an_upload_is_aborted_once_and_for_all(stack: Cloud) -> None:
    file_id = uploaded()
    path = f"/v1/files/{file_id}"

    answers = [call("DELETE", path, user="ana") for _ in range(2)]

    assert [(a.status, a.text) for a in answers] == [(204, "")] * 2
    assert call("GET", path, user="ana").json["status"] == "ABORTED"
    open_uploads = boto3.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert f"files/{file_id}" not in [upload["Key"] for upload in open_uploads]
