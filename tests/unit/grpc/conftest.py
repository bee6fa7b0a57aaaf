"""A real server on the imitated cloud, with people and what is theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat4all.adapters.memory.webhooks import MemoryResolver
from chat4all.bootstrap import webhooks
from tests.cloud import cloud
from tests.support.grpc_server import Client, serving
from tests.support.matrix_world import MatrixWorld


@pytest.fixture(scope="module")
def world() -> Iterator[MatrixWorld]:
    with cloud() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "_resolver", lambda: MemoryResolver({}))
        webhooks.webhooks.cache_clear()
        yield MatrixWorld(stack)


@pytest.fixture(scope="module")
def server(world: MatrixWorld) -> Iterator[Client]:
    with serving() as client:
        yield client
