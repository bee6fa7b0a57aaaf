"""The download client: the same bytes, in spite of connections that break."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.client.api import FilesApi
from infra.client.checksums import crc64nvme, written
from infra.client.download import download
from infra.client.errors import ClientError, Problem
from tests.support.fake_files_api import FakeFiles
from tests.support.fake_files_server import serving

CONTENT = random.Random(2).randbytes(5 * 1024 * 1024 + 77)


@pytest.fixture
def fake() -> Iterator[FakeFiles]:
    with serving() as found:
        found.files["f"], found.contents["f"] = {"status": "READY"}, CONTENT
        yield found


@pytest.fixture
def api(fake: FakeFiles) -> FilesApi:
    return FilesApi(fake.access, waits=(0.01,) * 3)


def test_a_file_comes_whole_with_its_checksums(api: FilesApi, tmp_path: Path) -> None:
    counts: list[int] = []

    got = download(api, "f", tmp_path / "film", counts.append)

    assert (tmp_path / "film").read_bytes() == CONTENT
    assert (got.size, sum(counts), got.resumed) == (len(CONTENT), len(CONTENT), 0)
    assert got.checksum == written(crc64nvme(CONTENT))
    assert got.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == ["film"]


def test_it_can_be_read_for_its_checksums_alone(api: FilesApi) -> None:
    assert download(api, "f").sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_broken_connection_is_gone_on_with(
    fake: FakeFiles, api: FilesApi, tmp_path: Path
) -> None:
    fake.faults["cut"] = 4  # more than the attempts that it has without progress

    got = download(api, "f", tmp_path / "film")

    assert (tmp_path / "film").read_bytes() == CONTENT
    assert got.resumed >= 1
    assert fake.gets[0] is None and fake.gets[-1] != "bytes=0-"


def test_an_earlier_runs_part_is_gone_on_with(
    fake: FakeFiles, api: FilesApi, tmp_path: Path
) -> None:
    (tmp_path / "film.f.part").write_bytes(CONTENT[:1000])

    got = download(api, "f", tmp_path / "film")

    assert fake.gets == ["bytes=1000-"]
    assert got.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert got.resumed == 1


def test_an_earlier_run_that_had_all_of_it_needs_only_the_name(
    fake: FakeFiles, api: FilesApi, tmp_path: Path
) -> None:
    (tmp_path / "film.f.part").write_bytes(CONTENT)

    assert download(api, "f", tmp_path / "film").checksum == written(crc64nvme(CONTENT))
    assert (tmp_path / "film").read_bytes() == CONTENT


def test_what_cannot_be_had_is_told(fake: FakeFiles, api: FilesApi, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="file_not_found"):
        download(api, "unknown", tmp_path / "film")

    fake.faults["expire"] = 100
    with pytest.raises(ClientError, match="403"):
        download(api, "f", tmp_path / "film")
    assert not list(tmp_path.iterdir())


def test_an_address_that_expired_is_asked_for_again(fake: FakeFiles, api: FilesApi) -> None:
    fake.faults["expire"] = 1

    assert download(api, "f").size == len(CONTENT)
