"""A file to upload, and an API to upload it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fake_files_api import FakeFiles
from tests.support.fake_files_server import serving
from tests.support.uploading import CONTENT, Run


@pytest.fixture
def fake() -> Iterator[FakeFiles]:
    with serving() as found:
        yield found


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def run(fake: FakeFiles, tmp_path: Path) -> Run:
    return Run(fake, tmp_path)
