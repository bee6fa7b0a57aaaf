"""Providers that leave out, delay, repeat and disorder what they tell, take a message without an
answer, or are down."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.fault.field import Field
from tests.fault.scenarios import LOST_ANSWER, Scenario
from tests.fault.world import World

SOME = 40
"""Sends of each channel."""


def silent(field: Field, world: World) -> Iterator[None]:
    field.sandbox.fault("whatsapp", "skip", SOME, skip=["sent", "delivered", "read"])
    field.sandbox.fault("instagram", "skip", SOME, skip=["read"])
    yield


def late(field: Field, world: World) -> Iterator[None]:
    field.delay_callbacks(sent=1.0, delivered=3.0, read=5.0)
    time.sleep(4)
    field.delay_callbacks(sent=0.05, delivered=0.15, read=0.3)
    yield


def repeating(field: Field, world: World) -> Iterator[None]:
    field.providers("duplicate", SOME, copies=3)
    field.providers("reorder", SOME)
    yield


def timing_out(field: Field, world: World) -> Iterator[None]:
    field.providers("timeout_after_accept", 3, seconds=12)
    yield


def down(field: Field, world: World) -> Iterator[None]:
    field.providers("refuse", 8)
    field.providers("server_error", 8, status=503)
    yield


ALL = (
    Scenario("callbacks are left out", silent),
    Scenario("callbacks are late", late),
    Scenario("callbacks come three times, in any order", repeating),
    Scenario("no answer after the provider accepted", timing_out, repeats=LOST_ANSWER),
    Scenario("a provider is down", down, repeats=LOST_ANSWER),
)
