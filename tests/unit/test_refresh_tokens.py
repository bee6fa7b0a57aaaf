"""Refresh tokens: each is good for one use; a copy that is used ends them all."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pytest

from chat4all.access.refresh_family import Family
from chat4all.access.tokens import TokenVerifier
from chat4all.adapters.memory import (
    MemoryRefreshStore,
)
from chat4all.caller import CallerKind
from chat4all.errors import Forbidden, NotFound, Raced, Unavailable
from tests.builders import as_user
from tests.support.refresh_world import SHOP, SIGNER, text
from tests.support.refresh_world import RefreshWorld as World

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def world() -> World:
    return World()


def test_a_refresh_token_comes_with_a_token_if_a_service_wants_one(world: World) -> None:
    grant = world.refreshing.mint(SHOP, "bo", 600, refresh=True)

    assert grant.token.expires_in == 600
    assert text(grant).startswith("c4r_") and len(text(grant)) == 80
    assert world.refreshing.mint(SHOP, "bo", 600).refresh_token is None
    with pytest.raises(Forbidden):
        world.refreshing.mint(as_user("bo"), "bo", 600, refresh=True)
    with pytest.raises(NotFound):
        world.refreshing.mint(SHOP, "nobody", 600, refresh=True)
    assert len(world.families.families) == 1


def test_it_is_nowhere_in_the_table(world: World) -> None:
    token = world.first()
    following = world.use(token)

    kept = repr([vars(family) for family in world.families.families.values()])

    for secret in (token[37:], following[37:]):
        assert len(secret) == 43 and secret not in kept


def test_each_use_gives_a_token_for_the_user_and_the_next_refresh_token(world: World) -> None:
    world.clock.time = int(time.time() * 1000)
    first = world.first(lifetime=600)

    grant = world.refreshing.refresh(first)
    caller = TokenVerifier((SIGNER,), "test").verify(grant.token.access_token).caller

    assert (caller.subject, caller.kind) == ("bo", CallerKind.USER)
    assert caller.requests_per_minute == 60
    assert grant.token.expires_in == 600
    assert text(grant) != first
    assert world.is_good(text(grant))


def test_a_used_up_token_ends_its_family_and_is_written_down(world: World) -> None:
    first = world.first()
    second = world.use(first)
    third = world.use(second)

    assert not world.is_good(first)

    assert not world.is_good(third)
    [record] = world.trail.records
    assert (record.action, record.actor, record.target) == ("refresh_token.reused", "bo", "bo")
    assert (record.address, record.detail) == ("192.0.2.1", {"client_id": "c4a_1"})


def test_the_last_but_one_is_used_up_after_ten_seconds(world: World) -> None:
    first = world.first()
    second = world.use(first)
    world.clock.advance(10.001)

    assert not world.is_good(first)

    assert not world.is_good(second)
    assert [record.action for record in world.trail.records] == ["refresh_token.reused"]


def test_whoever_lost_the_answer_gets_another_within_ten_seconds(world: World) -> None:
    first = world.first()
    world.use(first)  # its answer is lost
    world.clock.advance(10)

    second = world.use(first)

    assert world.is_good(second)
    assert world.trail.records == []


def test_the_ten_seconds_are_counted_from_the_first_use(world: World) -> None:
    first = world.first()
    world.use(first)
    world.clock.advance(8)
    world.use(first)
    world.clock.advance(8)

    assert not world.is_good(first)


def test_the_answer_that_was_lost_is_worth_nothing_and_tells_of_its_thief(world: World) -> None:
    first = world.first()
    lost = world.use(first)
    second = world.use(first)

    assert not world.is_good(lost)

    assert not world.is_good(second)
    assert [record.action for record in world.trail.records] == ["refresh_token.reused"]


def test_another_family_of_the_same_user_goes_on(world: World) -> None:
    phone, tablet = world.first(), world.first()
    world.use(world.use(phone))

    assert not world.is_good(phone)

    assert world.is_good(tablet)


@dataclass
class Racing(MemoryRefreshStore):
    """Somebody else uses the same token between our look at it and our change."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times
        self.meanwhile = lambda: None

    def replace(self, family: Family) -> None:
        if self.times:
            self.times -= 1
            self.meanwhile()
        super().replace(family)


def test_of_two_uses_at_once_the_later_one_counts() -> None:
    racing = Racing(times=1)
    world = World(families=racing)
    first, won = world.first(), []
    racing.meanwhile = lambda: won.append(world.use(first))

    later = world.use(first)

    assert world.is_good(later)
    assert not world.is_good(won[0])


def test_a_race_without_end_is_given_up() -> None:
    racing = Racing(times=100)
    world = World(families=racing)
    first = world.first()

    def somebody() -> None:
        [family] = racing.families.values()
        racing.families = {family.family_id: replace(family, version=family.version + 1)}

    racing.meanwhile = somebody

    with pytest.raises(Raced):
        world.use(first)


def test_a_token_is_not_used_up_when_the_key_does_not_answer(world: World) -> None:
    first = world.first()
    world.signer.down = True
    with pytest.raises(Unavailable):
        world.use(first)
    world.signer.down = False
    world.clock.advance(60)

    assert world.is_good(first)
