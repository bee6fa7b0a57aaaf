"""The people of one scenario, the clients who write to them, and what they all saw in the end."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from infra.local.client import Api, Sandbox, wait_until
from infra.local.running import Addresses
from tests.fault.checker import Entry, Event, Evidence, Had, ended
from tests.fault.device import Device
from tests.fault.ledger import Ledger
from tests.fault.load import Client, over_grpc, over_socket, rest
from tests.fault.subscriber import Subscriber
from tests.support.over_grpc import GrpcApi

_addresses = itertools.count(int(time.time()) % 1_000_000 * 1000)
OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CHANNELS = ("whatsapp", "instagram")
PATIENCE = 180.0  # seconds for a request to be answered when the load stops


@dataclass(frozen=True)
class Talk:
    """A conversation, and who has to have its messages."""

    conversation: str
    people: tuple[str, ...]
    """`whatsapp:5511…`, or `app` for the device."""


@dataclass
class World:
    """Four talks on WhatsApp, four on Instagram, two groups on both and in the app. Each client
    has some of them; the first group has three clients. One sends five messages a request, one
    over gRPC, one over a WebSocket."""

    stack: Addresses
    api: Api
    subscriber: Subscriber
    ledger: Ledger
    talks: list[Talk]
    device: Device
    agent: Api
    """A member of all talks, who fetches what is in them."""
    clients: list[Client] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def made(
        cls, stack: Addresses, api: Api, subscriber: Subscriber, folder: Path, name: str
    ) -> Self:
        """With nobody sending yet."""
        sandbox_people = [cls._person(api, c, name) for c in CHANNELS * 4]
        agent = api.user(f"agent-{next(_addresses)}", "Agent")
        user = api.user(f"app-{next(_addresses)}", "App")
        talks = [Talk(api.conversation(agent, p), (at,)) for p, at in sandbox_people]
        for _ in range(2):
            members = [cls._person(api, channel, name) for channel in CHANNELS]
            group = api.conversation(agent, user, *(person for person, _ in members))
            talks.append(Talk(group, (*(at for _, at in members), "app")))
        ledger = Ledger(folder / f"{name}.jsonl")
        device = Device(stack, api, user)
        world = cls(stack, api, subscriber, ledger, talks, device, api.as_user(agent))
        world.device.__enter__()
        world.device.wait_connected()
        wait_until(lambda: world.device.cursor, "the device to have caught up")
        world._employ(agent)
        return world

    @staticmethod
    def _person(api: Api, channel: str, name: str) -> tuple[str, str]:
        address = f"5511{next(_addresses):09d}"
        return api.user(f"p-{address}", f"P {name}", **{channel: address}), f"{channel}:{address}"

    def _employ(self, agent: str) -> None:
        *ones, group, other = [talk.conversation for talk in self.talks]
        token = self.api.token
        more: list[tuple[str, Any, list[str], str, int]] = [
            ("rest-1", rest(self.stack, token), [*ones[0:2], group], agent, 1),
            ("rest-2", rest(self.stack, token), [*ones[2:4], other], agent, 1),
            ("batch", rest(self.stack, token), ones[4:6], agent, 5),
            ("grpc", over_grpc(GrpcApi(self.stack, token).call), [*ones[6:8], group], agent, 1),
            ("socket", over_socket(self.device.send), [group, other], "", 1),
        ]
        for seed, (name, door, talks, sender, at_once) in enumerate(more):
            self.clients.append(
                Client(name, door, self.ledger, talks, self.stopping, seed, sender, at_once)
            )

    def begin(self) -> None:
        for client in self.clients:
            client.start()

    def wait_for(self, accepted: int, seconds: float = 300) -> None:
        """Until so many messages were accepted.

        Raises:
            AssertionError: they were not in time, or a client was refused for good.
        """

        def enough() -> bool:
            time.sleep(0.02)
            for client in self.clients:
                if client.failed:
                    raise AssertionError(f"{client.name}: {client.failed!r}") from client.failed
            return self.ledger.accepted >= accepted

        wait_until(enough, f"{accepted} accepted messages", seconds)

    def end(self) -> None:
        """Nobody sends any more; every request was answered.

        Raises:
            AssertionError: one was not, in three minutes.
        """
        self.stopping.set()
        deadline = time.monotonic() + PATIENCE
        for client in self.clients:
            client.join(max(0.0, deadline - time.monotonic()))
        waiting = [client.name for client in self.clients if client.is_alive() or client.failed]
        if waiting:
            raise AssertionError(f"without an answer: {waiting}")

    def close(self) -> None:
        self.device.__exit__()
        self.ledger.close()

    def histories(self, of: Collection[str]) -> dict[str, list[Entry]]:
        return {one: [self._entry(m) for m in self.agent.history(one, limit=100)] for one in of}

    def _entry(self, message: dict[str, Any]) -> Entry:
        entry = Entry(message["message_id"], message["seq"], message["status"])
        if entry.status != "FAILED":
            return entry
        deliveries = self.api.message(entry.message_id)["deliveries"]
        reasons = {d["failure"]["code"] for d in deliveries if d["failure"]}
        return replace(entry, reason=" ".join(sorted(reasons)))

    def evidence(self, histories: dict[str, list[Entry]], events: bool = True) -> Evidence:
        """Of these conversations, whole; `events`: with what the subscriber heard."""
        sandbox = Sandbox(self.stack)
        talks = [talk for talk in self.talks if talk.conversation in histories]
        inboxes = {
            at: [_had(item) for item in sandbox.inbox(at.split(":")[1], at.split(":")[0])]
            for talk in talks
            for at in talk.people
            if at != "app"
        }
        inboxes["app"] = [Had(message_id) for message_id in self.device.had[:]]
        heard = [
            Event(event["data"]["message_id"], event["id"])
            for event in self.subscriber.events()
            if event["data"]["conversation_id"] in histories
        ]
        return Evidence(
            sent=[one for one in self.ledger.read() if one.conversation in histories],
            histories=histories,
            inboxes=inboxes,
            people={talk.conversation: talk.people for talk in talks},
            subscribers={"webhook": heard} if events else {},
        )

    def open(self, histories: dict[str, list[Entry]], until: float) -> bool:
        """Whether something that was accepted until then is certainly still on its way."""
        ends = {e.message_id: ended(e, silent=True) for es in histories.values() for e in es}
        mine = [one for one in self.ledger.read(until) if one.conversation in histories]
        return not all(ends.get(one.message_id) for one in mine if one.accepted)


def _had(item: dict[str, Any]) -> Had:
    found = OURS.search(item["text"])
    told = {"delivered", "read"} & item["statuses"].keys()
    more_to_come = item["awaited"] != []
    return Had(found[0] if found else f"without our id: {item['id']}", bool(told) or more_to_come)
