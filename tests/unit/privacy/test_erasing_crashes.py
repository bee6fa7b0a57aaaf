"""A process may die at any call of erasing somebody: what follows completes it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chat4all.errors import NotFound, Unavailable
from tests.builders import SERVICE
from tests.privacy import GONE, PrivateWorld

pytestmark = pytest.mark.req("RNF-009")


def calls_of_an_erasure() -> int:
    world = PrivateWorld()
    world.dora()
    world.erase()
    return world.fate.calls


@pytest.mark.parametrize("done_before", [False, True], ids=["before it", "after it"])
def test_wherever_it_dies_the_repeat_completes_it(done_before: bool) -> None:
    calls = calls_of_an_erasure()
    assert calls > 50
    for number in range(1, calls + 1):
        world = PrivateWorld()
        talks = world.dora()
        world.fate.dies_at, world.fate.done_before = number, done_before

        try:
            world.erasing.erase(SERVICE, "dora")
        except Unavailable:
            with suppress(NotFound):  # it was done, but for the answer
                world.erasing.erase(SERVICE, "dora")  # the client says it again
        world.finish()

        assert world.left_of_dora() == [], f"died at call {number}"
        assert set(world.tokens.revoked) == {"dora"}
        assert "dora" not in world.store.conversations[talks["group"]].members
        assert {p for t in talks.values() for p in world.payloads(t)} == {GONE, "hello Dora"}
        assert world.actions()[0] == "user.erased"
        assert world.actions()[-1] == "user.erasure_completed"


def test_a_client_that_does_not_say_it_again_gets_it_done_once_the_job_is_queued() -> None:
    begun = 0
    for number in range(1, 12):
        world = PrivateWorld()
        world.dora()
        world.fate.dies_at = number
        try:
            world.erasing.erase(SERVICE, "dora")
        except Unavailable:
            if not world.jobs.waiting:
                assert "dora" in world.store.users, "nothing is removed before the job is queued"
                continue
        begun += 1
        world.finish()
        assert world.left_of_dora() == []

    assert begun >= 3
