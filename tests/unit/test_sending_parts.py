"""Messages of several parts: what was taken is not sent again, and nothing is sent in haste."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from chat4all.adapters.memory import MemoryMessageStore, MemoryStore
from chat4all.delivering import MAX_ATTEMPTS
from chat4all.delivery import Delivery, channel_queue
from chat4all.errors import Unavailable
from chat4all.receipts import Status
from tests.builders import received
from tests.world import World


class Forgetful(MemoryMessageStore):
    """Cannot note that a part was taken."""

    def record_part(self, *given: object) -> None:
        raise Unavailable("table")


def two_parts(**more: object) -> tuple[World, str]:
    world = World(**more)
    world.user("bo", whatsapp="bo")
    world.whatsapp.limit = 5
    message_id = world.say(world.conversation("ana", "bo"), "ana", "one, two")
    world.route()
    return world, message_id


@pytest.mark.req("RN-006")
def test_a_part_that_cannot_be_noted_is_not_repeated_without_end() -> None:
    store = MemoryStore()
    world, message_id = two_parts(store=store, messages=Forgetful(store))

    for _ in range(3 * MAX_ATTEMPTS):
        world.deliver()

    assert len(world.whatsapp.sent) == MAX_ATTEMPTS
    assert world.status(message_id) is Status.FAILED
    assert min(seconds for _, _, seconds in world.queue.hidden) >= 15


def test_a_part_is_not_begun_that_might_not_end_in_time() -> None:
    world, message_id = two_parts()
    [body] = world.queue.take(channel_queue("whatsapp"))
    delivery = received(Delivery.model_validate_json(body))
    left = chain([30.0], repeat(5.0))

    again = world.delivering["whatsapp"].deliver([delivery], lambda: next(left))
    done = world.delivering["whatsapp"].deliver([delivery])

    assert (again, done) == ([delivery.item_id], [])
    assert world.whatsapp.texts_to("bo") == ["one, ", "two"]
    assert world.status(message_id) is Status.SENT
