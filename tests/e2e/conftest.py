"""One deployed stack for all end-to-end tests; each test brings people of its own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local.client import Api, Sandbox
from infra.local.running import Addresses, started
from tests.e2e.webhooks import Subscribers, subscribing
from tests.support.over_grpc import GrpcApi

_numbers = itertools.count(int(time.time()) % 100_000 * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last the one that reads what all others made the functions log."""
    items.sort(key=lambda item: item.path.name == "test_logs.py" and "e2e" in item.path.parts)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with started(tmp_path_factory.mktemp("stack")) as addresses:
        yield addresses


over_both_doors = pytest.mark.parametrize(
    "api",
    ["rest", pytest.param("grpc", marks=pytest.mark.req("RF-008"))],
    indirect=True,
    scope="function",  # else pytest would run everything over one door before the other
)
"""For scenarios that are about the contract, not about HTTP: they run twice."""


@pytest.fixture(scope="session")
def api(request: pytest.FixtureRequest, stack: Addresses) -> Api:
    """REST's client, or gRPC's where a test asks for it by `over_both_doors`."""
    return GrpcApi(stack) if getattr(request, "param", "rest") == "grpc" else Api(stack)


@pytest.fixture(scope="session")
def over_grpc(stack: Addresses) -> GrpcApi:
    """For tests that have a client of each door."""
    return GrpcApi(stack)


@pytest.fixture
def sandbox(stack: Addresses) -> Iterator[Sandbox]:
    found = Sandbox(stack)
    yield found
    found.ok("DELETE", "/faults")


@dataclass(frozen=True)
class People:
    """Makes users with ids and addresses that nobody else has."""

    api: Api

    def address(self) -> str:
        return f"5511{next(_numbers):09d}"

    def on(self, *channels: str) -> tuple[str, dict[str, str]]:
        """A user and their address on each channel; without channels, one of our own app."""
        addresses = {channel: self.address() for channel in channels}
        user_id = f"user-{next(_numbers)}"
        return self.api.user(user_id, user_id.title(), **addresses), addresses


@pytest.fixture
def people(api: Api) -> People:
    return People(api)


@pytest.fixture
def talk(api: Api, people: People) -> tuple[str, str]:
    """A conversation, and somebody in it."""
    (ana, _), (bo, _) = people.on(), people.on()
    return api.conversation(ana, bo), ana


@pytest.fixture
def subscribers(api: Api) -> Iterator[Subscribers]:
    with subscribing(api) as found:
        yield found
