"""When refresh tokens are over, and by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.access.tokens import SCOPES
from chat4all.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from chat4all.user import User
from tests.builders import NOW, as_user
from tests.support.refresh_world import DAY_S, SHOP, text
from tests.support.refresh_world import RefreshWorld as World

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture
def world() -> World:
    return World()


def test_it_is_over_when_it_was_not_used_for_thirty_days(world: World) -> None:
    first = world.first()
    world.clock.advance(30 * DAY_S - 1)
    second = world.use(first)
    world.clock.advance(30 * DAY_S)

    assert not world.is_good(second)
    assert world.trail.records == []


def test_it_is_over_after_ninety_days_however_much_it_was_used(world: World) -> None:
    token = world.first()
    for _ in range(8):
        world.clock.advance(10 * DAY_S)
        token = world.use(token)
    world.clock.advance(10 * DAY_S - 1)
    token = world.use(token)
    world.clock.advance(1)

    assert not world.is_good(token)


def test_it_dies_with_the_client_that_minted_it(world: World) -> None:
    first = world.first()
    world.change_client(revoked_at=NOW)

    assert not world.is_good(first)
    with pytest.raises(Unauthenticated):
        world.first()


def test_it_dies_when_the_secret_of_its_client_is_replaced_without_grace(world: World) -> None:
    token = world.use(world.first())
    world.change_client(secrets=())
    token = world.use(token)

    world.change_client(era=1)

    assert not world.is_good(token)
    assert world.families.families == {}
    assert world.trail.records == []


def test_a_token_from_before_that_mints_none_and_one_from_after_does(world: World) -> None:
    world.change_client(era=1)

    with pytest.raises(Unauthenticated):
        world.refreshing.mint(SHOP, "bo", 900, refresh=True)
    assert world.is_good(world.first(caller=replace(SHOP, era=1)))


def test_a_client_without_the_scope_for_it_mints_none_by_a_token_of_before(world: World) -> None:
    world.change_client(scopes=("messages:read",))

    with pytest.raises(Forbidden) as refused:
        world.refreshing.mint(SHOP, "bo", 900, refresh=True)
    assert refused.value.code == "insufficient_scope"
    assert world.families.families == {}


def test_that_one_was_minted_is_on_record_before_it_is(world: World) -> None:
    world.refreshing.mint(SHOP, "bo", 900)
    world.refreshing.mint(SHOP, "bo", 900, refresh=True)
    there = dict(world.families.families)
    world.trail.down = True

    with pytest.raises(Unavailable):
        world.refreshing.mint(SHOP, "bo", 900, refresh=True)

    [record] = world.trail.records
    assert (record.action, record.actor, record.target) == ("refresh_token.minted", "c4a_1", "bo")
    assert world.families.families == there


def test_it_dies_with_its_user(world: World) -> None:
    first = world.first()
    del world.store.users["bo"]
    gone = world.is_good(first)
    world.store.users["bo"] = User(user_id="bo", created_at=NOW)

    assert (gone, world.is_good(first)) == (False, False)


def test_its_tokens_have_what_the_client_has_now_and_no_more_than_was_granted(
    world: World,
) -> None:
    some = replace(SHOP, scopes=frozenset({"users", "files"}))
    first = text(world.refreshing.mint(some, "bo", 900, refresh=True))

    world.change_client(scopes=("files", "conversations", "admin"), user_requests_per_minute=5)
    fewer = world.refreshing.refresh(first)
    world.change_client(scopes=SCOPES)
    more = world.refreshing.refresh(text(fewer))

    assert fewer.token.scopes == ("files",)
    assert more.token.scopes == ("users", "files")


def test_a_revoked_token_ends_its_family_without_a_record(world: World) -> None:
    first = world.first()
    second = world.use(first)

    world.refreshing.revoke(second)
    world.refreshing.revoke(second)

    assert not world.is_good(second)
    assert world.trail.records == []


def test_revoking_a_used_up_token_ends_its_family_as_using_it_does(world: World) -> None:
    first = world.first()
    third = world.use(world.use(first))

    world.refreshing.revoke(first, "192.0.2.9")

    assert not world.is_good(third)
    assert [r.action for r in world.trail.records] == ["refresh_token.reused"]


def test_a_service_ends_all_that_a_user_has_and_nothing_that_comes_after(world: World) -> None:
    phone, tablet = world.first(), world.first()
    world.refreshing.revoke_for(SHOP, "bo")
    world.clock.advance(1)
    later = world.first()

    good = [world.is_good(token) for token in (phone, tablet, later)]

    assert good == [False, False, True]
    assert [(r.action, r.actor, r.target) for r in world.trail.records] == [
        ("tokens.revoked", "c4a_1", "bo")
    ]
    with pytest.raises(Forbidden):
        world.refreshing.revoke_for(as_user("bo"), "bo")
    with pytest.raises(NotFound):
        world.refreshing.revoke_for(SHOP, "nobody")


def test_a_name_that_comes_again_is_another_person(world: World) -> None:
    first = world.first()
    world.refreshing.revoke_all("bo")
    del world.store.users["bo"]
    world.store.users["bo"] = User(user_id="bo", created_at=NOW)

    assert not world.is_good(first)


def test_a_secret_that_never_was_ends_the_family_whose_name_it_has(world: World) -> None:
    """Who knows the name has had a token: nobody finds 128 random bits by trying."""
    first = world.first()

    assert not world.is_good(first[:37] + "A" * 43)

    assert not world.is_good(first)


GOOD = "c4r_" + "0" * 32 + "_" + "A" * 43


@given(st.text() | st.from_regex(r"c4r_[0-9a-fA-F]{30,34}_[A-Za-z0-9_=-]{40,45}", fullmatch=True))
def test_what_has_not_the_form_of_a_token_costs_no_read(garbage: str) -> None:
    world = World()
    looks_good = len(garbage) == len(GOOD) and garbage.isascii() and "=" not in garbage

    assert not world.is_good(garbage)
    world.refreshing.revoke(garbage)

    assert world.families.reads == 0 or (looks_good and garbage.startswith("c4r_"))


@pytest.mark.parametrize(
    "garbage",
    ["", "x", GOOD[:-1], GOOD + "A", GOOD.upper(), f"{GOOD}\n", f" {GOOD}", GOOD.replace("A", "é")],
    ids=range(8),
)
def test_what_is_nearly_a_token_costs_no_read(world: World, garbage: str) -> None:
    assert not world.is_good(garbage)

    assert world.families.reads == 0
