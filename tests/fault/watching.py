"""Wait until a world has settled, and judge it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from tests.fault.checker import Entry, Evidence, Finding, Kind, check
from tests.fault.scenarios import Scenario
from tests.fault.world import World

PENDING = (Kind.LOST, Kind.UNENDED, Kind.UNTOLD)
"""What time may heal."""
UNREACHABLE = (AssertionError, httpx.HTTPError, OSError)
"""How it shows that the stack cannot be asked just now."""


@dataclass
class Verdict:
    scenario: str
    accepted: int
    statuses: Counter[str]
    findings: list[Finding]
    repeated: int
    """How many more often than once somebody had a message, allowed or not."""
    recovery: float | None
    """Seconds from the end of the fault until all that was accepted before it had settled."""
    errors: list[str] = field(default_factory=list)

    def count(self, *kinds: Kind) -> int:
        return sum(finding.kind in kinds for finding in self.findings)

    @property
    def good(self) -> bool:
        return not self.findings and not self.errors


class Watch:
    """Of one world, from the moment when its fault was over."""

    def __init__(self, world: World, scenario: Scenario, patience: float) -> None:
        self._world, self.scenario = world, scenario
        self._deadline = time.monotonic() + patience
        self._over = time.time()
        self.sending_ended = threading.Event()

    def verdict(self) -> Verdict:
        """Once all has settled, or patience is at its end."""
        recovered = self._settled(until=self._over)
        self.sending_ended.wait()
        self._settled(until=float("inf"))
        evidence = self._look({talk.conversation for talk in self._world.talks})
        histories = evidence.histories.values()
        return Verdict(
            scenario=self.scenario.name,
            accepted=sum(one.accepted for one in evidence.sent),
            statuses=Counter(entry.status for entries in histories for entry in entries),
            findings=check(evidence, self._repeats(evidence)),
            repeated=sum(
                len(inbox) - len({had.message_id for had in inbox})
                for inbox in evidence.inboxes.values()
            ),
            recovery=recovered - self._over if recovered else None,
        )

    def _settled(self, until: float) -> float | None:
        """When everything that was accepted until then was seen to be at its end."""
        began = time.monotonic()
        left = {talk.conversation for talk in self._world.talks}
        while time.monotonic() < self._deadline:
            with suppress(*UNREACHABLE):
                left -= {one for one in left if self._done(one, until)}
            if not left:
                return time.time()
            time.sleep(min(3.0, 0.3 + (time.monotonic() - began) / 20))
        return None

    def _done(self, conversation: str, until: float) -> bool:
        histories = self._world.histories([conversation])
        if self._world.open(histories, until):
            return False
        evidence = self._evidence(histories)
        mine = {one.message_id for one in self._world.ledger.read(until) if one.accepted}
        return not any(f.kind in PENDING and f.message_id in mine for f in check(evidence))

    def _look(self, conversations: set[str]) -> Evidence:
        """However long the stack cannot be asked: there must be a verdict."""
        while True:
            try:
                return self._evidence(self._world.histories(conversations))
            except UNREACHABLE:
                if time.monotonic() > self._deadline + 60:
                    raise
                time.sleep(1)

    def _evidence(self, histories: dict[str, list[Entry]]) -> Evidence:
        return self._world.evidence(histories, events=self.scenario.events)

    def _repeats(self, evidence: Evidence) -> list[str]:
        return [at for at in evidence.inboxes if at.split(":")[0] in self.scenario.repeats]
