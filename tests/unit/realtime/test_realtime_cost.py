"""What being connected costs: calls and units of the table, on moto, with the real adapters.

`python -m pytest -s` on this file prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from realtime_harness import FakeAnnouncer, FakeVerifier

from chat4all.access.limits import Limits
from chat4all.adapters.dynamodb import (
    DynamoAllowanceStore,
    DynamoConnectionStore,
    DynamoConversationStore,
    DynamoMessageStore,
    DynamoUserStore,
    Table,
)
from chat4all.adapters.memory.realtime import MemorySockets
from chat4all.events import event_id
from chat4all.realtime.acting import Acting
from chat4all.realtime.connecting import Connecting
from chat4all.realtime.pushing import Pushing
from chat4all.realtime.resuming import Resuming
from chat4all.realtime.syncing import Syncing
from tests.builders import CURSORS, as_user
from tests.support.aws_table import create_table
from tests.support.meter import Meter
from tests.support.moto_partiql import moto_runs_our_partiql
from tests.world import World


@dataclass
class Metered:
    world: World
    meter: Meter
    connecting: Connecting
    acting: Acting
    pushing: Pushing
    syncing: Syncing
    sockets: MemorySockets

    def talk(self, conversation_id: str, sender: str, messages: int) -> None:
        for _ in range(messages):
            self.world.say(conversation_id, sender)
            self.world.route()
            self.world.clock.advance(1)

    def cost(self, what: str) -> tuple[int, float, float]:
        """Calls, write units, read units since the last time."""
        meter = self.meter
        found = (sum(meter.calls.values()), meter.write_units, meter.read_units)
        print(f"{what}: {found[0]} calls, {found[1]:g} write units, {found[2]:g} read units")
        meter.reset()
        return found


@pytest.fixture
def metered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Metered]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(), moto_runs_our_partiql():
        create_table(boto3.client("dynamodb"), "table")
        meter = Meter(boto3.client("dynamodb"))
        yield a_world_on(Table(meter.attach(boto3.client("dynamodb")), "table"), meter)


def a_world_on(table: Table, meter: Meter) -> Metered:
    conversations, users = DynamoConversationStore(table), DynamoUserStore(table)
    stores: dict[str, Any] = {"conversations": conversations, "users": users}
    world = World(**stores)
    messages = DynamoMessageStore(table, world.clock)
    world = World(messages=messages, **stores)  # type: ignore[arg-type]
    connections, sockets = DynamoConnectionStore(table), MemorySockets()
    syncing = Syncing(messages, conversations, world.clock)
    limits = Limits(DynamoAllowanceStore(table), world.clock)
    verifier = FakeVerifier(world)  # type: ignore[arg-type]
    connecting = Connecting(connections, verifier, users, limits, world.clock)
    acting = Acting(
        connections,
        sockets,
        connecting,
        world.messaging,
        world.conversations,
        Resuming(messages, conversations, syncing, CURSORS),
        FakeAnnouncer(),
        limits,
        world.clock,
    )
    pushing = Pushing(connections, conversations, sockets, world.clock)
    return Metered(world, meter, connecting, acting, pushing, syncing, sockets)


def test_to_be_connected_costs_little(metered: Metered) -> None:
    metered.world.user("ana")
    metered.connecting.connect("first", "ana")
    metered.meter.reset()

    metered.connecting.connect("c-1", "ana")
    calls, writes, _ = metered.cost("connect")
    metered.acting.act("c-1", '{"action": "ping"}')
    ping = metered.cost("ping")
    metered.world.clock.advance(60)
    metered.acting.act("c-1", '{"action": "ping"}')
    later_ping = metered.cost("ping, a minute later")
    metered.connecting.disconnect("c-1")
    disconnect = metered.cost("disconnect")

    assert (calls, writes) == (5, 3)  # whether the user is there, and a lease of their minute
    assert ping[:2] == (1, 0)
    assert later_ping[:2] == (2, 1)
    assert disconnect[:2] == (3, 2)


def test_a_batch_of_pushes_is_two_reads(metered: Metered) -> None:
    pairs = [metered.world.conversation("ana", f"peer-{n}") for n in range(10)]
    metered.connecting.connect("c-1", "ana")
    metered.meter.reset()
    events = {
        str(n): {
            "id": event_id(metered.world.clock.now(), str(n)),
            "type": "message.accepted",
            "timestamp": "2100-01-01T00:00:00.000Z",
            "data": {"conversation_id": pair},
        }
        for n, pair in enumerate(pairs)
    }

    metered.pushing.push(events)

    assert metered.cost("push of ten messages")[:2] == (2, 0)
    assert len(metered.sockets.posted["c-1"]) == 10


def test_to_catch_up_costs_by_what_is_new(metered: Metered) -> None:
    pairs = [metered.world.conversation("ana", f"peer-{n:02}") for n in range(20)]
    for number, pair in enumerate(pairs):
        metered.talk(pair, f"peer-{number:02}", 1)
    ana = as_user("ana")
    cursor = metered.syncing.page(ana, None, None, 100).cursor
    metered.world.clock.advance(60)
    cursor = metered.syncing.page(ana, None, cursor, 100).cursor
    metered.meter.reset()

    quiet = metered.syncing.page(ana, None, cursor, 100)
    nothing_new = metered.cost("sync, nothing new in 20 conversations of the day")
    for number, pair in enumerate(pairs[:5]):
        metered.talk(pair, f"peer-{number:02}", 3)
    metered.meter.reset()
    page = metered.syncing.page(ana, None, quiet.cursor, 100)
    some_new = metered.cost("sync, 3 new messages in each of 5 of them")
    for pair in pairs[:5]:
        metered.talk(pair, "ana", 1)
    metered.meter.reset()
    metered.syncing.page(ana, None, page.cursor, 100)
    own = metered.cost("sync, own messages in 5 of them")

    assert quiet.parts == []
    assert sum(len(part.views) for part in page.parts) == 15
    assert nothing_new[:2] == (4, 0)
    assert some_new[0] <= 4 + 5 * 5 + 1
    assert own[0] <= 4 + 5 * 5 + 1
