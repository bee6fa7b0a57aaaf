"""The URLs that clients and providers are given, with real HTTP against the emulator's S3."""

from __future__ import annotations

import base64
import hashlib
import time

import httpx
import pytest

from tests.contract.buckets import Bucket, s3_bucket, some_bytes

pytestmark = pytest.mark.req("RF-004")
KEY = "files/one"
PIECE = b"0123456789"
MINUTE = 60  # seconds


@pytest.fixture
def bucket(emulator: str) -> Bucket:
    return s3_bucket("emulator", emulator)


@pytest.fixture
def upload_id(bucket: Bucket) -> str:
    return bucket.upload(KEY)


def sizes(bucket: Bucket, upload_id: str) -> list[tuple[int, int]]:
    return [(part.number, part.size) for part in bucket.objects.parts(KEY, upload_id)]


def test_a_part_is_put_by_its_url_alone(bucket: Bucket, upload_id: str) -> None:
    url = bucket.objects.part_url(KEY, upload_id, 3, len(PIECE), MINUTE)

    answer = httpx.put(url, content=PIECE)

    assert answer.status_code == 200
    assert sizes(bucket, upload_id) == [(3, len(PIECE))]
    assert answer.headers["etag"] == bucket.objects.parts(KEY, upload_id)[0].etag


@pytest.mark.parametrize("content", [b"", PIECE[:-1], PIECE + b"!"], ids=["none", "less", "more"])
def test_another_length_than_the_urls_is_refused(
    bucket: Bucket, upload_id: str, content: bytes
) -> None:
    url = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), MINUTE)

    assert httpx.put(url, content=content).status_code == 403

    assert sizes(bucket, upload_id) == []


def test_a_url_without_a_length_takes_any(bucket: Bucket, upload_id: str) -> None:
    for number, content in ((1, PIECE), (2, PIECE * 100)):
        url = bucket.objects.part_url(KEY, upload_id, number, None, MINUTE)
        assert httpx.put(url, content=content).status_code == 200

    assert sizes(bucket, upload_id) == [(1, 10), (2, 1000)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("partNumber=1", "partNumber=2"),
        ("/files/one", "/files/two"),
        ("X-Amz-Expires=60", "X-Amz-Expires=600000"),
        ("X-Amz-SignedHeaders=content-length%3Bhost", "X-Amz-SignedHeaders=host"),
    ],
    ids=["part", "key", "time", "length"],
)
def test_a_url_is_for_what_it_was_made_for(
    bucket: Bucket, upload_id: str, ours: str, theirs: str
) -> None:
    url = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), MINUTE)
    assert ours in url

    assert httpx.put(url.replace(ours, theirs), content=PIECE).status_code == 403

    assert sizes(bucket, upload_id) == []


def test_urls_end_by_themselves(bucket: Bucket, upload_id: str) -> None:
    bucket.store("files/there", PIECE)
    put = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), 1)
    get = bucket.objects.url(
        "files/there", filename="a.png", content_type="image/png", inline=False, seconds=1
    )
    time.sleep(2.1)

    assert httpx.put(put, content=PIECE).status_code == 403
    assert httpx.get(get).status_code == 403

    assert sizes(bucket, upload_id) == []


def test_the_same_url_may_be_used_again_and_the_last_bytes_count(
    bucket: Bucket, upload_id: str
) -> None:
    url = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), MINUTE)

    for content in (b"a mistake!", PIECE):
        assert httpx.put(url, content=content).status_code == 200

    bucket.objects.finish(KEY, upload_id, bucket.objects.parts(KEY, upload_id), None)
    assert bucket.objects.beginning(KEY, 100) == PIECE


def test_a_part_may_carry_its_md5_which_is_checked(bucket: Bucket, upload_id: str) -> None:
    url = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), MINUTE)
    right, wrong = (
        {"content-md5": base64.b64encode(hashlib.md5(content).digest()).decode()}
        for content in (PIECE, b"others")
    )

    refused = httpx.put(url, content=PIECE, headers=wrong)
    assert (refused.status_code, "BadDigest" in refused.text) == (400, True)
    assert sizes(bucket, upload_id) == []

    assert httpx.put(url, content=PIECE, headers=right).status_code == 200
    assert sizes(bucket, upload_id) == [(1, len(PIECE))]


@pytest.mark.parametrize("end", ["finish", "abort"])
def test_an_old_url_changes_nothing(bucket: Bucket, upload_id: str, end: str) -> None:
    """Nothing that was given out before an object was checked can change it after."""
    url = bucket.objects.part_url(KEY, upload_id, 1, len(PIECE), MINUTE)
    assert httpx.put(url, content=PIECE).status_code == 200
    if end == "finish":
        bucket.objects.finish(KEY, upload_id, bucket.objects.parts(KEY, upload_id), None)
    else:
        bucket.objects.abort(KEY, upload_id)
    before = bucket.objects.look(KEY)

    answer = httpx.put(url, content=b"9876543210")

    assert (answer.status_code, "NoSuchUpload" in answer.text) == (404, True)
    assert bucket.objects.look(KEY) == before
    if before is not None:
        assert bucket.objects.beginning(KEY, 100) == PIECE


def test_an_object_comes_under_the_name_and_type_that_its_url_says(bucket: Bucket) -> None:
    content = some_bytes(3 * 1024 * 1024)  # large: from a file of the emulator's
    bucket.store(KEY, content)
    url = bucket.objects.url(
        KEY,
        filename='relatório "final"; 100%.pdf',
        content_type="application/pdf",
        inline=False,
        seconds=MINUTE,
    )

    answer = httpx.get(url)

    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="relat_rio _final_; 100_.pdf"; '
        "filename*=UTF-8''relat%C3%B3rio%20%22final%22%3B%20100%25.pdf"
    )


def test_a_url_may_show_an_object_in_place(bucket: Bucket) -> None:
    bucket.store(KEY, PIECE)

    url = bucket.objects.url(
        KEY, filename="a.png", content_type="image/png", inline=True, seconds=MINUTE
    )

    assert httpx.get(url).headers["content-disposition"].startswith("inline; ")
    assert httpx.get(url.replace("inline", "attachment")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert httpx.put(url, content=b"9876543210").status_code == 403


@pytest.mark.parametrize("size", [1000, 3 * 1024 * 1024], ids=["small", "large"])
def test_ranges_have_the_right_bytes(bucket: Bucket, size: int) -> None:
    content = some_bytes(size)
    bucket.store(KEY, content)
    url = bucket.objects.url(
        KEY, filename="a.bin", content_type="video/mp4", inline=True, seconds=MINUTE
    )
    end = f"{size - 10}-{size - 1}/{size}"

    for asked, told, expected in (
        ("0-9", f"0-9/{size}", content[:10]),
        ("100-899", f"100-899/{size}", content[100:900]),
        (f"{size - 10}-", end, content[-10:]),
        ("-10", end, content[-10:]),
    ):
        answer = httpx.get(url, headers={"range": f"bytes={asked}"})
        assert (answer.status_code, answer.content) == (206, expected), asked
        assert answer.headers["content-range"] == f"bytes {told}"
    assert httpx.get(url, headers={"range": f"bytes={size}-"}).status_code == 416
