"""What the suites get: stores, AWS, queues; once per adapter, with nothing in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.emulator import start_ministack
from infra.local.home import Home
from infra.local.processes import choose_port
from tests.contract.callbacks import Callbacks, Links, receiving, serving_links
from tests.contract.provider import (
    FACTS,
    IMITATED,
    Facts,
    Sandbox,
    running_sandbox,
)
from tests.contract.worlds import (
    ADAPTERS,
    REGION,
    Aws,
    Stores,
    aws_of,
    dynamo_stores,
    memory_stores,
)
from tests.support.journey import nobodys_settings


@pytest.fixture(scope="package", autouse=True)
def no_account_of_anybodys() -> Iterator[None]:
    """No suite can reach a real account, and none is steered by the caller's environment."""
    with nobodys_settings(), pytest.MonkeyPatch.context() as environment:
        for name in [n for n in os.environ if n.startswith("CHAT4ALL_")]:
            environment.delenv(name)
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="package")
def emulator(
    no_account_of_anybodys: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The local AWS on a port and in a folder of its own, with IAM enforced."""
    with running_emulator(tmp_path_factory.mktemp("emulator")) as endpoint:
        yield endpoint


@pytest.fixture(scope="package")
def plain_emulator(
    no_account_of_anybodys: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same without our patches."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CHAT4ALL_PLAIN_EMULATOR", "1")
        with running_emulator(tmp_path_factory.mktemp("plain")) as endpoint:
            environment.undo()
            yield endpoint


@contextmanager
def running_emulator(folder: Path) -> Iterator[str]:
    home = Home(folder)
    home.write("ports.json", {"aws": choose_port()})
    endpoint, process = start_ministack(home, persist=False)
    try:
        yield endpoint
    finally:
        process.stop()


@pytest.fixture(params=["moto", "emulator"])
def aws(request: pytest.FixtureRequest) -> Iterator[Aws]:
    yield from aws_of(request)


@pytest.fixture(params=ADAPTERS)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        yield memory_stores()
        return
    for aws in aws_of(request):
        yield dynamo_stores(request.param, aws.table())


@pytest.fixture(scope="package")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as url:
        yield url


@pytest.fixture(params=IMITATED)
def sandbox(request: pytest.FixtureRequest, sandbox_url: str) -> Sandbox:
    return Sandbox(sandbox_url, request.param)


@pytest.fixture
def facts(sandbox: Sandbox) -> Facts:
    return FACTS[sandbox.channel]


@pytest.fixture
def callbacks(sandbox: Sandbox) -> Iterator[Callbacks]:
    with receiving(sandbox.connector) as found:
        sandbox.settings(callback_url=found.url, delays={"sent": 0, "delivered": 0, "read": 0.02})
        yield found
        sandbox.settings(callback_url="")


@pytest.fixture
def links() -> Iterator[Links]:
    with serving_links() as found:
        yield found
