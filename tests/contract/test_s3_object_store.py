"""ObjectStore on S3: what no fake has to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat4all.adapters.s3 import S3ObjectStore
from chat4all.errors import Unavailable
from chat4all.ports import ObjectStore, StoredPart
from infra.local.processes import choose_port
from tests.contract.buckets import (
    KEEPS_PARTS_FROM,
    Bucket,
    bucket_of,
    s3_bucket,
    s3_client,
    some_bytes,
)

pytestmark = pytest.mark.req("RN-003")
KEY = "files/one"
PART = StoredPart(1, 1, '"etag"')


@pytest.fixture(params=["moto", "emulator"])
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    yield from bucket_of(request)


class TwoAPage:
    """A thousand parts make a page; two do here."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def list_parts(self, **request: Any) -> Any:
        return self._client.list_parts(**request, MaxParts=2)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_more_parts_than_a_page_holds_are_all_told(bucket: Bucket, count: int) -> None:
    upload_id = bucket.upload(KEY, *[b"x" * size for size in range(1, count + 1)])
    by_pages: Any = TwoAPage(bucket.client)

    parts = S3ObjectStore(by_pages, bucket.name).parts(KEY, upload_id)

    assert [(part.number, part.size) for part in parts] == [(n, n) for n in range(1, count + 1)]


def test_a_store_that_compares_no_checksums_says_so_and_works(plain_emulator: str) -> None:
    """The emulator without our patches makes a checksum of the parts' checksums."""
    objects = s3_bucket("plain_emulator", plain_emulator).objects
    first, second = some_bytes(KEEPS_PARTS_FROM), b"the rest of it"

    begun = objects.begin(KEY, "image/png")
    for number, part in ((2, second), (1, first)):
        objects.put_part(KEY, begun.upload_id, number, part)
    objects.finish(KEY, begun.upload_id, objects.parts(KEY, begun.upload_id), None)

    found = objects.look(KEY)
    assert found is not None
    assert (begun.verifies, found.size, found.checksum) == (False, len(first + second), None)
    assert objects.beginning(KEY, 2 * len(first)) == first + second


CALLS: dict[str, Callable[[ObjectStore], object]] = {
    "begin": lambda objects: objects.begin(KEY, "image/png"),
    "put part": lambda objects: objects.put_part(KEY, "upload", 1, b"x"),
    "parts": lambda objects: objects.parts(KEY, "upload"),
    "finish": lambda objects: objects.finish(KEY, "upload", [PART], None),
    "abort": lambda objects: objects.abort(KEY, "upload"),
    "look": lambda objects: objects.look(KEY),
    "beginning": lambda objects: objects.beginning(KEY, 1),
    "delete": lambda objects: objects.delete(KEY),
}
"""Every operation that asks S3."""


@pytest.mark.parametrize("name", CALLS)
def test_no_connection_is_unavailable(name: str) -> None:
    nowhere = s3_client(f"http://127.0.0.1:{choose_port()}", attempts=1)
    objects = S3ObjectStore(nowhere, "bucket")

    with pytest.raises(Unavailable):
        CALLS[name](objects)


@pytest.mark.parametrize("name", [n for n in CALLS if n != "look"])
def test_no_bucket_is_unavailable(bucket: Bucket, name: str) -> None:
    """But for `look`: a HEAD has no body to tell a bucket that is missing from a key."""
    objects = S3ObjectStore(bucket.client, "no-such-bucket")

    with pytest.raises(Unavailable):
        CALLS[name](objects)
