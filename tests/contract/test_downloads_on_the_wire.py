"""Files that people send: announced by the running provider sandbox, and downloaded from it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from chat4all.adapters.memory import FakeClock, MemoryFileStore, MemoryObjectStore, MemoryStore
from chat4all.delivery import MediaPayload
from chat4all.errors import TryLater, Undeliverable
from chat4all.fetching import Fetching
from chat4all.file import DEFAULT_PART, File, FileStatus
from chat4all.file_jobs import FetchMedia
from chat4all.ports import Connector
from tests.contract.callbacks import Callbacks, Links
from tests.contract.provider import Facts, Sandbox, connector_for
from tests.contract.samples import a_file

pytestmark = pytest.mark.req("RF-003")
PICTURE = {"type": "image", "mime_type": "image/jpeg", "size": 100_000, "seed": 7}


def read(connector: Connector, wanted: MediaPayload) -> bytes:
    with connector.download(wanted) as download:
        content = b"".join(download.chunks)
        assert download.size in (None, len(content))
    return content


def arrived(sandbox: Sandbox, callbacks: Callbacks, **media: Any) -> tuple[MediaPayload, str]:
    """What a person sent, as it was announced, and its SHA-256."""
    sent = sandbox.person_sends({**PICTURE, **media})
    return callbacks.media(), sent["sha256"]


@pytest.mark.parametrize("kind", ["image/jpeg", "audio/mpeg", "video/mp4", "application/pdf"])
def test_a_persons_file_comes_whole(
    sandbox: Sandbox, facts: Facts, callbacks: Callbacks, kind: str
) -> None:
    family = kind.partition("/")[0].replace("application", facts.document)
    announced, sha256 = arrived(sandbox, callbacks, type=family, mime_type=kind, filename="plan")

    with sandbox.connector.download(announced) as download:
        content = b"".join(download.chunks)

    assert hashlib.sha256(content).hexdigest() == sha256
    assert download.size == len(content) == 100_000
    assert download.content_type in (None, kind)
    assert kind in (announced.content_type, download.content_type)
    assert announced.filename in (None, "plan")
    for told in (announced.sha256, download.sha256):
        assert told == (sha256 if facts.announces_digests else None)


def test_its_words_come_with_it(sandbox: Sandbox, callbacks: Callbacks) -> None:
    announced, _ = arrived(sandbox, callbacks, caption="Olá ✓")

    assert announced.caption == "Olá ✓"


def test_it_comes_in_pieces(sandbox: Sandbox, callbacks: Callbacks) -> None:
    announced, _ = arrived(sandbox, callbacks, size=1_000_000)

    with sandbox.connector.download(announced) as download:
        pieces = [len(chunk) for chunk in download.chunks]

    assert sum(pieces) == 1_000_000
    assert max(pieces) <= 65_536


def test_what_is_not_read_to_its_end_does_no_harm(sandbox: Sandbox, callbacks: Callbacks) -> None:
    announced, sha256 = arrived(sandbox, callbacks, size=1_000_000)

    with sandbox.connector.download(announced) as download:
        next(download.chunks)

    assert hashlib.sha256(read(sandbox.connector, announced)).hexdigest() == sha256


@pytest.mark.parametrize("fault", ["media_error", "media_cut"])
def test_a_download_that_fails_may_be_tried_later(
    sandbox: Sandbox, callbacks: Callbacks, fault: str
) -> None:
    announced, sha256 = arrived(sandbox, callbacks)
    sandbox.fault(fault)

    with pytest.raises(TryLater):
        read(sandbox.connector, announced)

    assert hashlib.sha256(read(sandbox.connector, announced)).hexdigest() == sha256


def test_what_the_provider_does_not_have_is_not_read(sandbox: Sandbox, links: Links) -> None:
    base_url = links.url
    connector = connector_for(sandbox.channel, **sandbox.known | {"base_url": base_url})
    moved = links.answer(b"", 302, {"location": links.file(b"secret", "image/png")})

    for reference in ("gone", f"{base_url}/gone", moved):
        with pytest.raises((TryLater, Undeliverable)):
            read(connector, MediaPayload(reference=reference, content_type="image/png"))

    assert "/file-0" not in links.asked  # where the redirect leads


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:1/",
        "https://fbcdn.net.evil.example/a",
        "https://evil.example/?fbcdn.net",
        "http://lookaside.fbsbx.com/a",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_the_providers_is_not_asked(
    sandbox: Sandbox, links: Links, facts: Facts, elsewhere: str
) -> None:
    """Whether the announcement names it, or the provider's answer about an id does."""
    links.answers["/v23.0/1"] = 200, {}, json.dumps({"url": elsewhere, "id": "1"}).encode()
    connector = connector_for(sandbox.channel, **sandbox.known | {"base_url": links.url})
    reference = elsewhere if facts.announces_urls else "1"

    with pytest.raises(Undeliverable) as error:
        read(connector, MediaPayload(reference=reference, content_type="image/png"))

    assert error.value.code == "media_elsewhere"


class Fetched:
    """What people send, on its way into a store."""

    def __init__(self, sandbox: Sandbox, announced: MediaPayload) -> None:
        self.channel = sandbox.channel
        self.files, self.objects = MemoryFileStore(MemoryStore()), MemoryObjectStore()
        self.fetching = Fetching(
            self.files, self.objects, lambda channel: sandbox.connector, FakeClock()
        )
        new = a_file(origin=sandbox.channel, content_type=announced.content_type)
        self.file, self.announced = self.files.add(new), announced

    def fetch(self) -> File | None:
        job = FetchMedia(file_id=self.file.file_id, channel=self.channel, media=self.announced)
        return self.fetching.fetch(job)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.objects.objects[self.file.key]).hexdigest()


def test_a_large_file_is_stored_part_by_part(sandbox: Sandbox, callbacks: Callbacks) -> None:
    size = DEFAULT_PART + 12_345
    announced, sha256 = arrived(sandbox, callbacks, type="video", mime_type="video/mp4", size=size)
    fetched = Fetched(sandbox, announced)

    ready = fetched.fetch()

    assert ready is not None
    assert (ready.status, ready.size, ready.sha256) == (FileStatus.READY, size, sha256)
    assert ready.content_type == "video/mp4"
    assert fetched.sha256 == sha256
    assert fetched.objects.uploads == {}


@pytest.mark.parametrize("fault", ["media_error", "media_cut", "media_corrupt"])
def test_a_fault_leaves_nothing_and_the_next_attempt_is_whole(
    sandbox: Sandbox, facts: Facts, callbacks: Callbacks, fault: str
) -> None:
    if fault == "media_corrupt" and not facts.announces_digests:
        pytest.skip("Its callbacks say nothing that a flaw could be found out by.")
    announced, sha256 = arrived(sandbox, callbacks)
    fetched = Fetched(sandbox, announced)
    sandbox.fault(fault)

    with pytest.raises(TryLater) as error:
        fetched.fetch()

    assert error.value.retry_after
    assert (error.value.code == "checksum_mismatch") == (fault == "media_corrupt")
    assert (fetched.objects.objects, fetched.objects.uploads) == ({}, {})
    assert fetched.files.get(fetched.file.file_id) == fetched.file
    ready = fetched.fetch()
    assert ready is not None and (ready.status, ready.sha256) == (FileStatus.READY, sha256)
    assert fetched.sha256 == sha256
