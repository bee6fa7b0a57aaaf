"""ObjectStore: uploads in parts, and the objects that they become."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from chat4all.errors import BadContent, Chat4AllError, UploadGone
from tests.contract.buckets import KEEPS_PARTS_FROM, Bucket, bucket_of, some_bytes

pytestmark = pytest.mark.req("RN-003")
KEY = "files/one"
FIRST, SECOND = some_bytes(KEEPS_PARTS_FROM), b"the rest of it"
WRONG = "AAAAAAAAAAA="


@pytest.fixture(params=["memory", "moto", "emulator"])
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    yield from bucket_of(request)


@pytest.fixture(params=["memory", "emulator"])
def exact_bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    """Without moto, which compares no checksum, and knows of uploads that are none."""
    yield from bucket_of(request)


def test_parts_are_told_in_order_with_their_sizes(bucket: Bucket) -> None:
    begun = bucket.objects.begin(KEY, "image/png")
    assert bucket.objects.parts(KEY, begun.upload_id) == []

    for number, size in ((10, 7), (2, 5), (1, 3)):
        bucket.objects.put_part(KEY, begun.upload_id, number, b"x" * size)

    parts = bucket.objects.parts(KEY, begun.upload_id)
    assert [(part.number, part.size) for part in parts] == [(1, 3), (2, 5), (10, 7)]
    assert len({part.etag for part in parts}) == 3


def test_of_a_part_that_comes_twice_the_last_one_counts(bucket: Bucket) -> None:
    upload_id = bucket.upload(KEY, b"a mistake", SECOND)
    [before, _] = bucket.objects.parts(KEY, upload_id)

    bucket.objects.put_part(KEY, upload_id, 1, FIRST)

    parts = bucket.objects.parts(KEY, upload_id)
    assert [(part.number, part.size) for part in parts] == [(1, len(FIRST)), (2, len(SECOND))]
    assert parts[0].etag != before.etag
    bucket.objects.finish(KEY, upload_id, parts, None)
    assert bucket.objects.beginning(KEY, 2 * len(FIRST)) == FIRST + SECOND


def test_a_finished_upload_is_an_object_and_gone(bucket: Bucket) -> None:
    whole = bucket.checksum_of(FIRST + SECOND)
    upload_id = bucket.upload(KEY, FIRST, SECOND)
    parts = bucket.objects.parts(KEY, upload_id)
    assert bucket.objects.look(KEY) is None

    bucket.objects.finish(KEY, upload_id, parts, whole)

    found = bucket.objects.look(KEY)
    assert found is not None and found.size == len(FIRST + SECOND)
    if bucket.adapter != "moto":  # it makes one of the parts' checksums
        assert found.checksum == whole
    with pytest.raises(UploadGone):
        bucket.objects.parts(KEY, upload_id)


def test_finishing_twice_changes_nothing(exact_bucket: Bucket) -> None:
    """S3 answers a repeat as the first time, or that it knows no such upload."""
    upload_id = exact_bucket.upload(KEY, SECOND)
    parts = exact_bucket.objects.parts(KEY, upload_id)
    exact_bucket.objects.finish(KEY, upload_id, parts, None)

    with suppress(UploadGone):
        exact_bucket.objects.finish(KEY, upload_id, parts, None)

    assert exact_bucket.objects.beginning(KEY, 100) == SECOND


def test_what_was_not_checked_has_a_checksum_all_the_same(exact_bucket: Bucket) -> None:
    exact_bucket.store(KEY, b"hello")

    found = exact_bucket.objects.look(KEY)

    assert found is not None and found.checksum == exact_bucket.checksum_of(b"hello")


def test_only_the_parts_that_are_named_make_the_object(bucket: Bucket) -> None:
    upload_id = bucket.upload(KEY, FIRST, SECOND, b"left out")
    [one, two, _] = bucket.objects.parts(KEY, upload_id)

    bucket.objects.finish(KEY, upload_id, [one, two], None)

    found = bucket.objects.look(KEY)
    assert found is not None and found.size == len(FIRST + SECOND)


def test_the_beginning_of_an_object_is_at_most_as_long_as_asked(bucket: Bucket) -> None:
    bucket.store(KEY, b"hello")

    assert bucket.objects.beginning(KEY, 2) == b"he"
    assert bucket.objects.beginning(KEY, 5) == b"hello"
    assert bucket.objects.beginning(KEY, 4096) == b"hello"


def test_an_aborted_upload_leaves_nothing_and_may_be_aborted_again(bucket: Bucket) -> None:
    upload_id = bucket.upload(KEY, FIRST)
    parts = bucket.objects.parts(KEY, upload_id)

    bucket.objects.abort(KEY, upload_id)
    bucket.objects.abort(KEY, upload_id)

    with pytest.raises(UploadGone):
        bucket.objects.parts(KEY, upload_id)
    if bucket.adapter != "moto":  # it breaks over an upload that it does not know
        with pytest.raises(UploadGone):
            bucket.objects.finish(KEY, upload_id, parts, None)
    assert bucket.objects.look(KEY) is None


def test_aborting_a_finished_upload_spares_the_object(bucket: Bucket) -> None:
    upload_id = bucket.upload(KEY, FIRST)
    bucket.objects.finish(KEY, upload_id, bucket.objects.parts(KEY, upload_id), None)

    bucket.objects.abort(KEY, upload_id)

    assert bucket.objects.look(KEY) is not None


def test_a_part_for_an_upload_that_is_gone_is_refused(exact_bucket: Bucket) -> None:
    upload_id = exact_bucket.upload(KEY)
    exact_bucket.objects.abort(KEY, upload_id)

    with pytest.raises(Chat4AllError):
        exact_bucket.objects.put_part(KEY, upload_id, 1, SECOND)


@pytest.mark.parametrize("parts", [[FIRST, SECOND], [b"hello"]], ids=["large", "small"])
def test_other_bytes_than_announced_leave_the_upload_open(
    exact_bucket: Bucket, parts: list[bytes]
) -> None:
    objects, right = exact_bucket.objects, exact_bucket.checksum_of(b"".join(parts))
    upload_id = exact_bucket.upload(KEY, *parts)
    stored = objects.parts(KEY, upload_id)
    assert objects.begin("files/two", "image/png").verifies

    with pytest.raises(BadContent):
        objects.finish(KEY, upload_id, stored, WRONG)

    assert objects.look(KEY) is None
    assert objects.parts(KEY, upload_id) == stored
    objects.finish(KEY, upload_id, stored, right)
    found = objects.look(KEY)
    assert found is not None and found.checksum == right


def test_one_keys_upload_is_none_of_anothers(exact_bucket: Bucket) -> None:
    upload_id = exact_bucket.upload(KEY, SECOND)

    with pytest.raises(UploadGone):
        exact_bucket.objects.parts("files/two", upload_id)

    assert len(exact_bucket.objects.parts(KEY, upload_id)) == 1


def test_a_deleted_object_is_gone_and_may_be_deleted_again(bucket: Bucket) -> None:
    bucket.store(KEY, b"hello")

    bucket.objects.delete(KEY)
    bucket.objects.delete(KEY)

    assert bucket.objects.look(KEY) is None
