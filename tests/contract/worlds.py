"""The ports, built on each adapter: what the suites are parametrised over."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from chat4all.adapters.dynamodb import (
    DynamoBreakerStore,
    DynamoClientStore,
    DynamoConversationStore,
    DynamoFileStore,
    DynamoMessageStore,
    DynamoUserStore,
    Table,
)
from chat4all.adapters.memory import (
    FakeClock,
    MemoryBreakerStore,
    MemoryClientStore,
    MemoryConversationStore,
    MemoryFileStore,
    MemoryMessageStore,
    MemoryStore,
    MemoryUserStore,
)
from chat4all.errors import Chat4AllError
from chat4all.ports import (
    BreakerStore,
    ClientStore,
    ConversationStore,
    FileStore,
    MessageStore,
    UserStore,
)
from tests.support.aws_table import create_table
from tests.support.moto_partiql import moto_runs_our_partiql

ADAPTERS = ("memory", "moto", "emulator")
REGION = "us-east-1"
KEY = "test"


@dataclass
class Aws:
    """Something that answers as AWS does. Requests are validated against the services' models."""

    name: str
    client: Callable[[str], Any]

    def unique(self, what: str) -> str:
        return f"{what}-{uuid.uuid4().hex[:12]}"

    def table(self) -> Table:
        name = self.unique("table")
        create_table(self.client("dynamodb"), name)
        return Table(self.client("dynamodb"), name)


@contextmanager
def moto_aws() -> Iterator[Aws]:
    with mock_aws(), moto_runs_our_partiql():
        yield Aws("moto", moto_client)


def aws_of(request: pytest.FixtureRequest) -> Iterator[Aws]:
    """Moto or the emulator, by the fixture's parameter."""
    if request.param == "moto":
        with moto_aws() as aws:
            yield aws
        return
    endpoint = request.getfixturevalue("emulator")
    yield Aws("emulator", lambda service: emulator_client(endpoint, service))


@cache
def moto_client(service: str) -> Any:
    return _session().client(service)


@cache
def emulator_client(endpoint: str, service: str) -> Any:
    return _session().client(service, endpoint_url=endpoint, config=Config(read_timeout=20))


@cache
def _session() -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key=KEY, aws_session_token=KEY, region_name=REGION
    )


class Stores(NamedTuple):
    """All stores over one fresh table; `adapter` is which kind."""

    adapter: str
    messages: MessageStore
    conversations: ConversationStore
    users: UserStore
    clients: ClientStore
    breakers: BreakerStore
    files: FileStore

    def race(self, *calls: Callable[[], object]) -> list[Chat4AllError | None]:
        """Make calls at the same time; each one's error, or None. Moto is not thread-safe: there
        they run one after the other."""
        workers = 1 if self.adapter == "moto" else len(calls)
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(_error_of, calls))


def _error_of(call: Callable[[], object]) -> Chat4AllError | None:
    try:
        call()
    except Chat4AllError as error:
        return error
    return None


def memory_stores() -> Stores:
    store = MemoryStore()
    return Stores(
        "memory",
        MemoryMessageStore(store),
        MemoryConversationStore(store),
        MemoryUserStore(store),
        MemoryClientStore(),
        MemoryBreakerStore(),
        MemoryFileStore(store),
    )


def dynamo_stores(adapter: str, table: Table) -> Stores:
    return Stores(
        adapter,
        DynamoMessageStore(table, FakeClock()),
        DynamoConversationStore(table),
        DynamoUserStore(table),
        DynamoClientStore(table),
        DynamoBreakerStore(table),
        DynamoFileStore(table),
    )


@dataclass
class Reader:
    """Receives from SQS queues until nothing comes."""

    sqs: Any
    url: Callable[[str], str]
    handles: list[str] = field(default_factory=list)

    def receive(self, queue: str, wait: float = 0.0) -> list[str]:
        """The bodies that are offered now, in order; they are not deleted."""
        found: list[str] = []
        until = time.monotonic() + wait
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.url(queue), MaxNumberOfMessages=10)
            taken: Sequence[dict[str, str]] = answer.get("Messages", [])
            found += [m["Body"] for m in taken]
            self.handles += [m["ReceiptHandle"] for m in taken]
            if not taken:
                if found or time.monotonic() >= until:
                    return found
                time.sleep(0.05)

    def take(self, queue: str, wait: float = 0.0) -> list[str]:
        """As `receive`, and delete, until the queue is empty: what a consumer that succeeds
        does. A FIFO queue offers the rest of a group only then."""
        found: list[str] = []
        while bodies := self.receive(queue, wait):
            found += bodies
            for handle in self.handles:
                with contextlib.suppress(self.sqs.exceptions.ReceiptHandleIsInvalid):
                    self.sqs.delete_message(QueueUrl=self.url(queue), ReceiptHandle=handle)
            self.handles.clear()
            wait = 0.0
        return found
