"""A cell under load: front, router, two channels; what comes out of it, second by second."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from random import Random

from infra.capacity import prices
from infra.capacity.provider import Connector, Provider
from infra.capacity.quotas import FASTER_PER_SECOND, REQUESTS_PER_CONCURRENCY
from infra.capacity.simulation import WINDOW, Account, Clock, Message, Served, Station

POLL_SECONDS = 0.02
"""Assumed: what a poller's receive and delete add to an invocation."""
FULL = 0.8
DOOR = "clients, refused"
INVOCATIONS = 4.7
"""Of all functions, for a message of the usual mix: so Lambda's requests are raised."""
OTHERS = 0.051
"""Seconds of executions that doors, callbacks and relay take for a message. Both are what the plan
says (tests/unit/test_capacity_script.py)."""
FEWEST_AT_ONCE = 30.0
"""Messages that the door lets in at once, however thin the slice."""


@dataclass(frozen=True)
class Setup:
    """One in `slice` of a cell: rates, quotas and executions are divided by it, times are not.

    Rates are messages a second, of the whole cell. Its table, queues, callbacks and relay take
    whatever comes.
    """

    seconds: float
    rate: Callable[[float], float]
    highest: float
    usual: float
    """What quotas and providers are there for, at 80 %."""
    slice: int = 1
    mix: tuple[tuple[str, float], ...] = (("whatsapp", 0.6), ("instagram", 0.2), ("app", 0.2))
    hot: float = 0.0
    """Share of all messages that are in one conversation, in the app."""
    down: tuple[float, float] = (0.0, 0.0)
    """From when until when WhatsApp's provider is down."""
    raised: float = 1.0
    """How many times the quotas for the usual rate there are: of API Gateway and Lambda."""
    conversations: int = 100_000
    seed: int = 7
    every: float = 5.0

    @property
    def let_through(self) -> float:
        """Messages that API Gateway and Lambda's requests let in."""
        return self.usual / FULL * self.raised

    @property
    def executions(self) -> int:
        """Of the slice, for router and connectors together: the account's, which come with its
        requests, without those that all other functions are using."""
        account = self.let_through * INVOCATIONS / REQUESTS_PER_CONCURRENCY
        others = OTHERS * min(self.highest, self.let_through)
        return max(2, int((account - others) / self.slice))


@dataclass
class Outcome:
    """Lists have an entry for each `every` seconds; delays are seconds."""

    setup: Setup
    times: list[float] = field(default_factory=list)
    depth: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    age: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    delays: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Of a channel: when a message was sent by its client, and how long it took to be delivered."""
    counts: Counter[str] = field(default_factory=Counter)
    receives: int = 0
    """How often the message that was offered most had been received."""


class Cell:
    def __init__(self, setup: Setup) -> None:
        self._setup, self._random, self._clock = setup, Random(setup.seed), Clock()
        self.outcome = Outcome(setup)
        account = Account(setup.executions)
        self._at_door: dict[Message, None] = {}
        self._most_at_once = max(setup.let_through / setup.slice / 2, FEWEST_AT_ONCE)
        self._allowed, self._at = self._most_at_once, 0.0
        self.router = self._station(account, _routing, self._routed, 1.0, _routing_seconds(1))
        self.queues: dict[str, Station] = {}
        self.connectors: dict[str, Connector] = {}
        for channel, share in setup.mix:
            if channel == "app":
                continue
            random = Random(f"{setup.seed} {channel}")
            rate = setup.usual * share / FULL / setup.slice
            down = setup.down if channel == "whatsapp" else (0.0, 0.0)
            connector = Connector(self._clock, random, Provider(random, rate, down))
            self.connectors[channel] = connector
            alone = prices.milliseconds("deliver_message", 1) / 1000
            self.queues[channel] = self._station(
                account, connector.serve, self._delivered, share, alone
            )

    def _station(
        self,
        account: Account,
        serve: Callable[[Sequence[Message]], Served],
        done: Callable[[Message], None],
        share: float,
        seconds: float,
    ) -> Station:
        """A queue for so large a share of the messages, with the executions that the usual rate
        takes when each message is a batch; Lambda starts more."""
        setup = self._setup
        usual = setup.usual / setup.slice * share * seconds
        return Station(
            self._clock,
            serve,
            done,
            most=setup.executions,
            start=min(setup.executions, max(1, ceil(usual))),
            faster=FASTER_PER_SECOND / setup.slice,
            window=WINDOW // setup.slice,
            account=account,
        )

    def run(self) -> Outcome:
        """Raises RuntimeError if a message is neither delivered, failed nor waiting."""
        self._clock.at(0, self._arrive)
        self._clock.at(0, self._look)
        self._clock.run(self._setup.seconds)
        counts = self.outcome.counts
        counts["throttled"] = sum(c.throttled for c in self.connectors.values())
        for connector in self.connectors.values():
            counts["failed"] += connector.failed.total()
            counts.update({f"failed, {why}": n for why, n in connector.failed.items()})
        waiting = self.router.depth + sum(q.depth for q in self.queues.values())
        self.outcome.receives = max(q.most_receives for q in self.queues.values())
        counts["waiting"] = waiting + len(self._at_door)
        ended = counts["delivered"] + counts["failed"]
        if counts["sent"] != ended + counts["waiting"]:
            raise RuntimeError(f"the simulation lost messages: {dict(counts)}")
        return self.outcome

    def _arrive(self) -> None:
        """Poisson arrivals: drawn at the highest rate, and thinned to that of now."""
        now, setup = self._clock.now, self._setup
        if self._random.random() * setup.highest < setup.rate(now):
            self._send()
        gap = self._random.expovariate(setup.highest / setup.slice)
        self._clock.at(now + gap, self._arrive)

    def _send(self) -> None:
        setup, random = self._setup, self._random
        if random.random() < setup.hot:
            message = Message(self._clock.now, "hot", "app")
        else:
            drawn, kind = random.random(), setup.mix[-1][0]
            for channel, share in setup.mix:
                drawn -= share
                if drawn < 0:
                    kind = channel
                    break
            message = Message(self._clock.now, random.randrange(setup.conversations), kind)
        self.outcome.counts["sent"] += 1
        self._at_door[message] = None
        self._accept(message, 1.0)

    def _accept(self, message: Message, wait: float) -> None:
        """A rate and a burst of half a second are let through; others come again."""
        now, rate = self._clock.now, self._setup.let_through / self._setup.slice
        self._allowed = min(self._most_at_once, self._allowed + (now - self._at) * rate)
        self._at = now
        if self._allowed < 1:
            self.outcome.counts["refused"] += 1
            later = wait * (0.5 + self._random.random() / 2)
            self._clock.at(now + later, self._accept, message, min(wait * 2, 60))
            return
        self._allowed -= 1
        self._clock.at(now + prices.FIXED_MS["http_api"] / 1000, self._enter, message)

    def _enter(self, message: Message) -> None:
        del self._at_door[message]
        self.outcome.delays["accepted"].append((message.born, self._clock.now - message.born))
        self.router.offer(message)

    def _routed(self, message: Message) -> None:
        if message.kind in self.queues:
            self.queues[message.kind].offer(message)
        else:
            self._delivered(message)

    def _delivered(self, message: Message) -> None:
        outcome = self.outcome
        if message.failed:
            return
        outcome.counts["delivered"] += 1
        name = "hot conversation" if message.group == "hot" else message.kind
        outcome.delays[name].append((message.born, self._clock.now - message.born))

    def _look(self) -> None:
        outcome = self.outcome
        outcome.times.append(self._clock.now)
        first = next(iter(self._at_door), None)
        outcome.depth[DOOR].append(len(self._at_door) * self._setup.slice)
        outcome.age[DOOR].append(self._clock.now - first.born if first else 0.0)
        for name, station in (("inbound", self.router), *self.queues.items()):
            outcome.depth[name].append(station.depth * self._setup.slice)
            outcome.age[name].append(station.oldest())
        self._clock.at(self._clock.now + self._setup.every, self._look)


def _routing(batch: Sequence[Message]) -> Served:
    return _routing_seconds(len(batch)), []


def _routing_seconds(messages: int) -> float:
    return prices.milliseconds("route_message", messages) / 1000 + POLL_SECONDS
