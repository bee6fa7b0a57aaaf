"""kill -9: workers of each function in turn, the gRPC front, a provider, a subscriber; and AWS as a
whole, by SIGTERM."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.fault.field import Field
from tests.fault.scenarios import LOST_ANSWER, Breaking, Scenario
from tests.fault.world import World

FUNCTIONS = (
    "queue-attempts", "dispatch-webhook", "connector-whatsapp", "connector-instagram",
    "route-message", "apply-callback", "push-realtime", "relay-changes", "receive-callback",
    "http-api", "authorize-request", "connect-client",
)  # fmt: skip
"""The one whose work stays hidden longest comes first."""
BETWEEN = 0.15
"""Seconds between two kills. The first may find them idle; who starts then, with work in hand, is
not ready before the next one."""
LEAST, MOST = 2.0, 8.0
"""Seconds of killing: until work was interrupted, for all that the emulator tells of it."""
IN_TURN_MOST = 1.2


def workers_of(function: str, least: float = LEAST, most: float = MOST) -> Breaking:
    def breaks(field: Field, world: World) -> Iterator[None]:
        before, began, taken = field.interrupted(function), time.monotonic(), 0.0
        while taken < least or (taken < most and field.interrupted(function) == before):
            field.kill_workers(function)
            time.sleep(BETWEEN)
            taken = time.monotonic() - began
        yield

    return breaks


def in_turn(field: Field, world: World) -> Iterator[None]:
    for function in FUNCTIONS:
        next(workers_of(function, BETWEEN, IN_TURN_MOST)(field, world))
    yield


def grpc_front(field: Field, world: World) -> Iterator[None]:
    field.kill_process("grpc")
    time.sleep(1)
    field.start_grpc()
    yield


def provider(field: Field, world: World) -> Iterator[None]:
    field.kill_process("sandbox")
    time.sleep(2)
    field.start_sandbox()
    yield


def subscriber(field: Field, world: World) -> Iterator[None]:
    field.subscriber.receiver.stop()
    time.sleep(2)
    field.subscriber.receiver.start()
    yield


def everything(field: Field, world: World) -> Iterator[None]:
    field.restart_all()
    yield


WORKERS = tuple(
    Scenario(
        f"kill -9 {function}",
        workers_of(function),
        repeats=LOST_ANSWER if function.startswith("connector") else (),
    )
    for function in FUNCTIONS
)
IN_TURN = Scenario("kill -9 each function in turn", in_turn, repeats=LOST_ANSWER)
OTHERS = (
    Scenario("kill -9 the gRPC front", grpc_front),
    Scenario("kill -9 the provider", provider, repeats=LOST_ANSWER),
    Scenario("a subscriber is gone", subscriber),
)
RESTART = Scenario("stop and start AWS", everything, repeats=LOST_ANSWER, alone=True, events=False)
"""The emulator forgets which changes of the table it has not told of: no events are asked for."""
