"""The emulator's S3 with its patches, on MiniStack's real source: no server, nothing shared."""

import base64
import hashlib
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local import emulator_s3
from infra.local.emulator_s3 import BIG, change_lines
from tests.support.patched_s3 import PARTS, S3, WHOLE, checksum, sent, text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    spools = tmp_path / "spools"
    spools.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spools))
    monkeypatch.delenv("S3_PERSIST", raising=False)
    return spools


@pytest.fixture
def s3(folder: Path) -> S3:
    return S3()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1), (3, 2, 1, 0)])
def test_parts_make_the_object_whatever_their_order(s3: S3, folder: Path, order: Any) -> None:
    made = s3.upload(order)

    digest = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in PARTS)).hexdigest()
    assert text(made, "ETag") == f'"{digest}-4"'
    assert s3.read() == WHOLE
    assert [path.stat().st_size for path in folder.iterdir()] == [len(WHOLE)]


def test_parts_of_all_sizes_and_one_sent_twice_make_the_object(s3: S3) -> None:
    parts = [b"a" * (BIG * 2), b"b" * (BIG * 3), b"c" * 9, b"d" * BIG, b"e" * (BIG * 4)]
    upload = s3.begin()
    s3.put(upload, 2, b"another one" * BIG)
    for number in (4, 2, 5, 3, 1):
        s3.put(upload, number, parts[number - 1])

    s3.complete(upload, 5)

    assert s3.read() == b"".join(parts)


def test_a_range_is_read_by_itself_and_in_pieces(s3: S3) -> None:
    s3.upload()

    status, headers, body = s3.call("GET", range=f"bytes={BIG - 5}-")
    pieces = sent(body)

    assert (status, headers["Content-Length"]) == (206, str(len(WHOLE) - BIG + 5))
    assert b"".join(pieces) == WHOLE[BIG - 5 :]
    assert max(map(len, pieces)) < BIG
    assert s3.read(range="bytes=3-7") == WHOLE[3:8]
    assert s3.read(range="bytes=-4") == b"rest"


def test_nothing_is_read_for_a_client_that_left(s3: S3) -> None:
    s3.upload()

    assert len(sent(s3.call("GET")[2], leave_after=2)) < 4


def test_the_file_goes_with_the_upload_or_the_object(s3: S3, folder: Path) -> None:
    upload = s3.begin()
    s3.put(upload, 1, PARTS[0])
    assert len(list(folder.iterdir())) == 1

    s3.call("DELETE", q_uploadId=upload)
    assert not list(folder.iterdir())

    s3.upload()
    assert len(list(folder.iterdir())) == 1
    s3.call("DELETE")
    assert not list(folder.iterdir())


def test_small_uploads_stay_as_they_were(s3: S3, folder: Path) -> None:
    s3.upload((0,), [b"small"])

    assert s3.call("GET")[2] == b"small"
    assert not list(folder.iterdir())


def test_the_checksum_of_a_multipart_object_is_the_whole_objects(s3: S3) -> None:
    asked: dict[str, Any] = {"x_amz_checksum_algorithm": "CRC64NVME"}
    assert s3.call("POST", q_uploads="", **asked)[1]["x-amz-checksum-type"] == "FULL_OBJECT"

    made = s3.upload((1, 0, 3, 2), **asked)
    _, head, _ = s3.call("HEAD", x_amz_checksum_mode="ENABLED")
    attributes = s3.call("GET", q_attributes="", x_amz_object_attributes="Checksum")

    assert text(made, "ChecksumCRC64NVME") == checksum(WHOLE)
    assert text(made, "ChecksumType") == text(attributes, "ChecksumType") == "FULL_OBJECT"
    assert head["x-amz-checksum-crc64nvme"] == checksum(WHOLE)
    assert head["x-amz-checksum-type"] == "FULL_OBJECT"


def test_a_wrong_checksum_is_refused_and_the_upload_stays_open(s3: S3) -> None:
    upload = s3.begin(x_amz_checksum_algorithm="CRC64NVME")
    s3.put(upload, 1, PARTS[0])

    status, _, body = s3.complete(upload, 1, x_amz_checksum_crc64nvme=checksum(b"something else"))
    assert (status, b"BadDigest" in body) == (400, True)
    right = s3.complete(upload, 1, x_amz_checksum_crc64nvme=checksum(PARTS[0]))

    assert right[0] == 200
    assert s3.read() == PARTS[0]


def test_other_algorithms_stay_composite_as_all_do_without_awscrt(
    s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert text(s3.upload(x_amz_checksum_algorithm="SHA256"), "ChecksumType") == "COMPOSITE"

    monkeypatch.setattr(emulator_s3, "combine_crc64nvme", None)
    made = s3.upload(x_amz_checksum_algorithm="CRC64NVME")
    assert text(made, "ChecksumType") == "COMPOSITE"
    assert text(made, "ChecksumCRC64NVME").endswith("-4")


def test_a_part_with_a_checked_md5_has_it_as_its_etag(s3: S3) -> None:
    digest = hashlib.md5(PARTS[0])
    named = base64.b64encode(digest.digest()).decode()

    upload = s3.begin()
    assert s3.put(upload, 1, PARTS[0], content_md5=named) == f'"{digest.hexdigest()}"'

    query: dict[str, Any] = {"q_uploadId": upload, "q_partNumber": "2"}
    status, _, body = s3.call("PUT", body=PARTS[1], content_md5=named, **query)
    assert (status, b"BadDigest" in body) == (400, True)


def test_the_uploads_file_becomes_the_persisted_objects(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_PERSIST", "1")
    monkeypatch.setenv("S3_DATA_DIR", str(tmp_path / "data"))
    S3().upload(x_amz_checksum_algorithm="CRC64NVME")
    stored = tmp_path / "data" / "000000000000" / "bucket" / "k"

    assert stored.read_bytes() == WHOLE
    assert not list(folder.iterdir())
    assert json.loads(Path(f"{stored}.meta.json").read_text())["size"] == len(WHOLE)

    again = S3()  # as after a restart
    again.module._load_persisted_data()
    assert again.read(range="bytes=5-") == WHOLE[5:]
    assert again.module._get_object_data("bucket", "k") == WHOLE
    assert type(again.module._get_object_data("bucket", "k")) is bytes
    again.call("PUT", "copy", x_amz_copy_source="bucket/k")
    again.call("DELETE")
    assert not stored.exists()
    assert b"".join(sent(again.call("GET", "copy")[2])) == WHOLE


def test_another_source_than_the_one_it_was_written_for_is_refused() -> None:
    module: Any = SimpleNamespace(function=checksum, __file__=__file__)

    with pytest.raises(LookupError, match="0 times: no such text"):
        change_lines(module, "function", {"no such text": "another"})
