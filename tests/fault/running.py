"""Scenarios one after the other on one stack. While the next one is under way, the last ones may
still settle, unless it must be alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from tests.fault.field import Field
from tests.fault.scenarios import Scenario
from tests.fault.watching import Verdict, Watch
from tests.fault.world import World

BEFORE, AFTER = 0.3, 0.2
"""Shares of the messages: accepted before the fault, and after it at least."""
Told = Callable[[Verdict], None]


class Runner:
    def __init__(self, field: Field, told: Told, patience: float) -> None:
        """`told` hears each verdict. `patience`: seconds from a fault's end until all that was
        accepted must have settled."""
        self._field, self._told, self._patience = field, told, patience
        self._waiting: list[Judging] = []
        self.verdicts: list[Verdict] = []

    def run(self, scenarios: Sequence[Scenario], messages: int) -> None:
        """Each with at least so many messages."""
        for number, scenario in enumerate(scenarios):
            if scenario.alone:
                self.settle()
            self._run(scenario, self._world(number), messages)
        self.settle()
        if dead := self._field.dead_letters():
            where = ", ".join(f"{count} in {queue}" for queue, count in dead.items())
            self.verdicts[-1].errors.append(f"dead letters: {where}")

    def settle(self) -> None:
        """Wait for all that is under way, and tell of it."""
        for judging in self._waiting:
            judging.join()
        self._tell()

    def _tell(self) -> None:
        """Of those that have settled by now."""
        for judging in [one for one in self._waiting if not one.is_alive()]:
            self._waiting.remove(judging)
            if judging.verdict is None:
                raise RuntimeError(f"{judging.name} could not be judged")
            self.verdicts.append(judging.verdict)
            self._told(judging.verdict)

    def _world(self, number: int) -> World:
        return World.made(
            self._field.stack,
            self._field.api,
            self._field.subscriber,
            self._field.home.path,
            f"world-{number}",
        )

    def _run(self, scenario: Scenario, world: World, messages: int) -> None:
        world.begin()
        world.wait_for(round(messages * BEFORE))
        steps = scenario.breaks(self._field, world)
        next(steps)
        judging = Judging(Watch(world, scenario, self._patience), steps, world)
        judging.start()
        if not world.stopping.is_set():
            least = world.ledger.accepted + round(messages * AFTER)
            world.wait_for(max(messages, least))
            world.end()
        judging.watch.sending_ended.set()
        self._waiting.append(judging)
        if scenario.alone:
            self.settle()
        self._tell()


class Judging(threading.Thread):
    """Waits until a world has settled, ends its scenario and judges both."""

    def __init__(self, watch: Watch, steps: Iterator[None], world: World) -> None:
        super().__init__(name=watch.scenario.name, daemon=True)
        self.watch, self._steps, self._world = watch, steps, world
        self.verdict: Verdict | None = None

    def run(self) -> None:
        verdict = self.watch.verdict()
        try:
            next(self._steps, None)
        except AssertionError as error:
            verdict.errors.append(str(error))
        self._world.close()
        self.verdict = verdict
