"""Runs of the upload client against the fake API."""

import random
from pathlib import Path

import pytest

from infra.client.api import FilesApi
from infra.client.errors import Stopped
from infra.client.events import Event, Notice
from infra.client.uploader import Uploader
from infra.local.home import Home
from tests.support.fake_files_api import FakeFiles

PART = 64 * 1024
CONTENT = random.Random(1).randbytes(9 * PART + 4321)


class Run:
    """One process's uploader, and what it told."""

    def __init__(self, fake: FakeFiles, folder: Path, parallel: int = 3) -> None:
        self.events: list[Event] = []
        self.api = FilesApi(fake.access, waits=(0.01,) * 6)
        self.home = Home(folder / "home")
        self.uploader = Uploader(self.api, self.home, parallel, PART, self.events.append)
        self.upload = self.uploader.upload

    @property
    def notices(self) -> str:
        return " ".join(event.text for event in self.events if isinstance(event, Notice))

    @property
    def kept(self) -> list[Path]:
        return [path for path in (self.home.path / "uploads").iterdir()]


def stopped_after(fake: FakeFiles, folder: Path, film: Path, parts: int) -> Run:
    """A run that was stopped when the store had at least so many parts."""
    fake.slow = 0.01
    run = Run(fake, folder)

    def look(event: Event) -> None:
        if len(fake.puts) >= parts:
            run.api.stop.set()

    run.uploader.on_event = look
    with pytest.raises(Stopped):
        run.upload(film)
    fake.slow = 0
    return run
