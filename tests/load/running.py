"""One run: prepare, send, listen and sample meanwhile, wait for the rest, judge."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from infra.local import tls
from infra.local.client import Api, Sandbox
from infra.local.running import Addresses
from tests.fault.checker import Event, Finding
from tests.load import closed_model, verdict
from tests.load.heard import Heard
from tests.load.hearing import IN_THE_APP, ON_CHANNELS, Hearing
from tests.load.open_model import Arrivals, OpenModel
from tests.load.records import Asked, not_stored, stored
from tests.load.sampling import Sampler
from tests.load.surroundings import (
    LONG,
    SHORT,
    STILL,
    connect_once,
    providers,
    subscriber,
    wait_for,
    warm_up,
)
from tests.load.tally import Journey, journeys
from tests.load.tokens import ServiceToken
from tests.load.world import World, prepare

SCENARIOS = ("open", *closed_model.USERS)


@dataclass(frozen=True)
class Order:
    """What to run. `seconds` of sending; what is under way then is waited for."""

    scenario: str
    arrivals: Arrivals
    users: int = 10
    conversations: int = 50
    paced: bool = True
    """Closed models send no more than the rate; else as fast as they are answered."""
    slow_provider_ms: int = 0
    file_bytes: int = 200_000
    warm: bool = True
    """Begin when every function on the way has run."""


@dataclass(frozen=True)
class Run:
    """What became of it; all that the report is made from."""

    order: Order
    begun: float
    """Seconds since 1970."""
    found: list[Journey]
    samples: list[dict[str, Any]]
    findings: list[Finding] | None
    """None: histories and inboxes could not be read."""
    not_stored: dict[str, int]
    """How many, by the last answer: status and code, such as `503 unavailable`."""
    busy: int
    """Answers 429 and 503: more than were refused in the end, if asking again helped."""
    dead: int | None
    """Dead letters. None: nobody answered."""
    queued: int = 0
    """Messages that were still in queues when the waiting ended: late, not lost."""
    stopped: bool = False
    """By Ctrl-C."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Locust's own figures."""


def run(
    order: Order,
    addresses: Addresses,
    folder: Path,
    stop: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda _: None,
) -> Run:
    """Load a stack that runs.

    Raises:
        AssertionError, StackError: it could not be prepared.
    """
    api, sandbox, heard = Api(addresses), Sandbox(addresses), Heard()
    world = prepare(api, order.scenario, order.conversations)
    token = ServiceToken(
        world.api_url, addresses.client_id, addresses.client_secret, addresses.ca_file
    )
    told: list[dict[str, Any]] = []
    in_the_app = order.scenario == "websocket"
    types = IN_THE_APP if in_the_app else ON_CHANNELS
    with ExitStack() as meanwhile:
        meanwhile.enter_context(providers(sandbox, order.slow_provider_ms))
        if order.scenario == "webhooks":
            meanwhile.enter_context(subscriber(api, heard, told))
        meanwhile.enter_context(Hearing(addresses, token, heard, types))
        if order.warm:
            say("Warming up …")
            warm_up(api, token, heard, stop)
            if in_the_app and not addresses.ca_file:
                connect_once(api, world.rooms[: order.users])
        sampler = meanwhile.enter_context(Sampler(addresses))
        begun = time.time()
        say(f"Sending for {order.arrivals.seconds:.0f} s …")
        asked = _send(order, world, addresses, token, folder, stop)

        def patience() -> float:
            return SHORT if stop() else LONG if sampler.queued() else STILL

        say(f"{len(asked)} sent, {len(stored(asked))} stored. Waiting for the rest …")
        wait_for(stored(asked), heard, world, patience, order.scenario == "webhooks")
        dead, queued = sampler.dead(), sampler.queued()
    say("Reading histories and inboxes …")
    subscribers: dict[str, list[Event]] = {}
    if order.scenario == "webhooks":
        subscribers = verdict.by_subscriber(told, "the webhook")
    inboxes: verdict.Inboxes = {}
    findings: list[Finding] | None = None
    try:
        inboxes = verdict.read_inboxes(sandbox, world)
        # a new client: the token of before may be too old
        findings = verdict.judge(Api(addresses), inboxes, world, asked, subscribers)
    except (AssertionError, httpx.HTTPError) as error:
        say(f"Not judged: {error}")
    passed = verdict.passages(inboxes)
    return Run(
        order=order,
        begun=begun,
        found=journeys(asked, heard, passed, world.recipients, begun),
        samples=sampler.samples,
        findings=findings,
        not_stored=dict(Counter(one.why for one in not_stored(asked))),
        busy=sum(one.busy for one in asked),
        dead=dead,
        queued=queued,
        stopped=stop(),
        calls=closed_model.calls(folder),
    )


def _send(
    order: Order,
    world: World,
    addresses: Addresses,
    token: ServiceToken,
    folder: Path,
    stop: Callable[[], bool],
) -> list[Asked]:
    plan = order.arrivals
    if order.scenario == "open":
        trusted = tls.trusting(addresses.ca_file) if addresses.ca_file else None
        model = OpenModel(world, token, trusted)
        model.run(plan, stop)
        return model.asked
    rate = plan.rate if order.paced else None
    crowd = closed_model.Crowd(order.scenario, order.users, plan.seconds, rate, order.file_bytes)
    return closed_model.run(crowd, world, addresses.ca_file, folder, stop)
