"""What goes wrong inside: a throttled table, clocks that differ, messages that nobody can handle,
and hundreds of dead letters."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

from infra.local import aws
from infra.local.client import wait_until
from infra.local.mappings import paused
from infra.local.redrive import redrive
from tests.fault.field import Field
from tests.fault.scenarios import LOST_ANSWER, Scenario
from tests.fault.world import World

FIFO = (
    "inbound.fifo", "callbacks.fifo", "channel-whatsapp.fifo", "channel-instagram.fifo",
    "uploads.fifo", "media.fifo", "attempts.fifo",
)  # fmt: skip
SKEWED = {
    "route-message": 300.0, "connector-whatsapp": -300.0, "connector-instagram": 300.0,
    "apply-callback": -300.0, "relay-changes": 300.0, "push-realtime": -300.0,
    "queue-attempts": -300.0, "dispatch-webhook": 300.0,
}  # fmt: skip
POISON_BODY = "{no JSON"
LETTERS = 300
"""Dead ones, to be brought back."""


def throttled_table(field: Field, world: World) -> Iterator[None]:
    field.hooks.say(throttle={"*": 0.3})
    time.sleep(6)
    field.hooks.none()
    yield


def clocks(field: Field, world: World) -> Iterator[None]:
    field.hooks.say(clock=SKEWED)
    time.sleep(6)
    field.hooks.none()
    yield


def poison(field: Field, world: World) -> Iterator[None]:
    """One in each queue, in a group of its own."""
    sqs = aws.client(field.stack.aws_endpoint_url, "sqs")
    with field.impatient(*FIFO, hidden=10):
        for name in FIFO:
            group = {"MessageGroupId": "poison", "MessageDeduplicationId": str(uuid.uuid4())}
            sqs.send_message(QueueUrl=field.queue(name), MessageBody=POISON_BODY, **group)
        yield
        left = list(FIFO)
        with field.impatient(*FIFO, hidden=10, receives=1):
            wait_until(lambda: not _without_poison(field, left), "poison to have died in each", 180)
    for name in FIFO:
        sqs.purge_queue(QueueUrl=field.queue(f"dead-{name}"))


def _without_poison(field: Field, left: list[str]) -> list[str]:
    """Which of these queues' dead letters have none; takes the others out of `left`."""
    sqs = aws.client(field.stack.aws_endpoint_url, "sqs")
    time.sleep(1)
    for name in left[:]:
        url = field.queue(f"dead-{name}")
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
        if any(message["Body"] == POISON_BODY for message in found.get("Messages", [])):
            left.remove(name)
    return left


def dead_letters(field: Field, world: World) -> Iterator[None]:
    """What was accepted is received, never finished, and dies; then all of it is moved back."""
    sqs = aws.client(field.stack.aws_endpoint_url, "sqs")
    inbound, dead = field.queue("inbound.fifo"), field.queue("dead-inbound.fifo")

    def died() -> bool:
        sqs.receive_message(QueueUrl=inbound, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return not field.waiting("inbound.fifo")

    with (
        paused(field.stack, "route-message"),
        field.impatient("inbound.fifo", hidden=1, receives=2),
    ):
        world.wait_for(world.ledger.accepted + LETTERS)
        world.end()
        wait_until(died, "all to have died", 300)
    letters = field.waiting("dead-inbound.fifo")
    assert letters >= LETTERS, f"{letters} dead letters"
    moved = redrive(sqs, dead, inbound)
    assert moved == letters, f"{moved} of {letters} moved back"
    yield


THROTTLED = Scenario("the table is throttled", throttled_table, repeats=LOST_ANSWER)
CLOCKS = Scenario("clocks are 5 minutes off", clocks)
POISON = Scenario("poison in every FIFO queue", poison, alone=True)
DEAD_LETTERS = Scenario("hundreds of dead letters, redriven", dead_letters, alone=True)
