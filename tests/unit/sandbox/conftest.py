"""The sandbox as a process, and somebody who takes its callbacks."""

from collections.abc import Iterator

import pytest
from sandbox_harness import Receiver, SandboxClient, running
from sandbox_media_harness import Links, linking


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxClient]:
    with running("serve.py") as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def links() -> Iterator[Links]:
    with linking() as links:
        yield links


@pytest.fixture
def sandbox(server: SandboxClient, receiver: Receiver) -> SandboxClient:
    server.begin(receiver)
    return server
