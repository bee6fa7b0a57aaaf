"""What a run needs around it: functions that are warm, providers, a subscriber, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from infra.local import tls
from infra.local.client import Api, Sandbox
from infra.local.receiver import Delivery, Receiver
from tests.bench.realtime import Crowd, token_of
from tests.load.heard import Heard
from tests.load.open_model import Arrivals, OpenModel
from tests.load.records import Asked, stored
from tests.load.tokens import ServiceToken
from tests.load.world import Room, World, prepare

LOOK = 0.25  # seconds
STILL = 20.0  # seconds in which nothing more is heard end the waiting
LONG = 120.0  # the same while a queue is not empty
SHORT = 5.0  # the same after Ctrl-C
WARM, WARM_ROOMS = Arrivals(rate=20, seconds=3, spread="even"), 20
CHANNELS = ("whatsapp", "instagram")


def warm_up(api: Api, token: ServiceToken, heard: Heard, stop: Callable[[], bool]) -> None:
    """A few messages to people of their own, who are in no figures."""
    world = prepare(api, "open", WARM_ROOMS)
    trusted = tls.trusting(api.addresses.ca_file) if api.addresses.ca_file else None
    model = OpenModel(world, token, trusted)
    model.run(WARM, stop)
    wait_for(stored(model.asked), heard, world, lambda: SHORT if stop() else STILL)


def connect_once(api: Api, rooms: Sequence[Room]) -> None:
    """As many sockets as there will be, and none of them stays."""
    crowd = Crowd(api.addresses.sockets_url)
    crowd.open([token_of(api, user) for room in rooms for user in (room.talker, room.hearer)])
    crowd.close()


def wait_for(
    asked: Sequence[Asked],
    heard: Heard,
    world: World,
    patience: Callable[[], float],
    webhook: bool = False,
) -> None:
    """Until everything that was stored is over, or nothing more has been heard for so long."""
    left = {one.message_id: world.recipients[one.conversation_id] for one in asked}
    last = time.monotonic()
    while left and time.monotonic() - last < patience():
        still = {
            m: n
            for m, n in left.items()
            if not heard.over(m, n) or (webhook and m not in heard.told)
        }
        if len(still) < len(left):
            last = time.monotonic()
        left = still
        if left:
            time.sleep(LOOK)


@contextmanager
def providers(sandbox: Sandbox, slow_ms: int) -> Iterator[None]:
    """They call back at once, and answer after so long; as before when the block ends."""
    before = {c: {"delays": sandbox.ok("GET", "/settings")[c]["delays"]} for c in CHANNELS}
    at_once = dict.fromkeys(before[CHANNELS[0]]["delays"], 0)
    sandbox.ok("PUT", "/settings", {c: {"delays": at_once} for c in CHANNELS})
    if slow_ms:
        for channel in CHANNELS:
            sandbox.fault(channel, "slow", count=10**9, seconds=slow_ms / 1000)
    try:
        yield
    finally:
        with suppress(AssertionError, httpx.HTTPError):  # it may be gone: the run's figures count
            if slow_ms:
                sandbox.ok("DELETE", "/faults")
            sandbox.ok("PUT", "/settings", before)


@contextmanager
def subscriber(api: Api, heard: Heard, told: list[dict[str, Any]]) -> Iterator[None]:
    def take(delivery: Delivery) -> None:
        event = delivery.event()
        told.append(event)
        if event["type"] == "message.accepted":
            heard.told.setdefault(event["data"]["message_id"], delivery.at)

    with Receiver(take) as receiver:
        body = {"url": receiver.url("/load"), "types": ["message.accepted", "message.read"]}
        made = api.ok("POST", "/v1/webhooks", body)
        try:
            yield
        finally:
            with suppress(AssertionError, httpx.HTTPError):
                Api(api.addresses).ok("DELETE", f"/v1/webhooks/{made['webhook_id']}")
