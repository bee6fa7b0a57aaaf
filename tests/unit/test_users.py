"""People and the identities by which channels know them: each belongs to one user."""

import pytest
from pydantic import ValidationError

from chat4all.errors import Conflict, Forbidden, Invalid, NotFound
from chat4all.user import Identity, UserProfile
from tests.builders import SERVICE, as_user
from tests.world import World

PHONE = Identity(channel="whatsapp", address="551100")


def a_profile(name: str | None = None, *identities: Identity) -> UserProfile:
    return UserProfile(name=name, identities=identities)


def test_a_user_is_kept_with_identities_in_order_of_preference() -> None:
    world = World()
    page = Identity(channel="instagram", address="igbo", account="page")

    world.users.put(SERVICE, "bo", a_profile("Bo", page, PHONE))

    user = world.users.show(as_user("bo"), "bo")
    assert (user.name, user.identities) == ("Bo", (page, PHONE))


@pytest.mark.req("RF-007")
def test_replacing_a_user_frees_the_identities_that_are_gone() -> None:
    world = World()
    world.users.put(SERVICE, "bo", a_profile("Bo", PHONE))
    created_at = world.clock.now()
    world.clock.advance(60)

    after = world.users.put(SERVICE, "bo", a_profile("Bo"))
    world.users.put(SERVICE, "cy", a_profile("Cy", PHONE))

    assert after.created_at == created_at
    assert world.user_store.owners([PHONE]) == {PHONE.key: "cy"}


def test_an_identity_of_somebody_else_is_a_conflict_and_nothing_changes() -> None:
    world = World()
    world.users.put(SERVICE, "bo", a_profile("Bo", PHONE))

    with pytest.raises(Conflict) as refused:
        world.users.put(SERVICE, "cy", a_profile("Cy", PHONE))

    assert refused.value.code == "identity_taken"
    assert refused.value.extra == {"owner": "bo"}
    assert "cy" not in world.store.users


def test_the_same_address_on_another_account_is_another_identity() -> None:
    world = World()
    world.users.put(SERVICE, "bo", a_profile(None, PHONE))

    other = world.users.put(
        SERVICE, "cy", a_profile(None, PHONE.model_copy(update={"account": "1555"}))
    )

    assert other.identities[0].account == "1555"


def test_a_user_may_change_their_name_and_not_their_identities() -> None:
    world = World()
    world.users.put(SERVICE, "bo", a_profile("Bo", PHONE))

    renamed = world.users.put(as_user("bo"), "bo", UserProfile(name="Bob"))
    same = world.users.put(as_user("bo"), "bo", a_profile("Bobby", PHONE))
    with pytest.raises(Forbidden) as refused:
        world.users.put(as_user("bo"), "bo", UserProfile(name="Bob", identities=()))

    assert renamed.identities == same.identities == (PHONE,)
    assert refused.value.code == "service_only"


def test_nobody_sees_or_changes_anybody_else() -> None:
    world = World()
    world.users.put(SERVICE, "bo", a_profile("Bo", PHONE))

    with pytest.raises(NotFound):
        world.users.show(as_user("eve"), "bo")
    with pytest.raises(NotFound):
        world.users.put(as_user("eve"), "bo", a_profile("Eve"))

    assert world.store.users["bo"].name == "Bo"


def test_an_unknown_channel_is_refused() -> None:
    world = World()

    with pytest.raises(Invalid) as refused:
        world.users.put(SERVICE, "bo", a_profile(None, Identity(channel="pigeon", address="1")))

    assert refused.value.code == "unknown_channel"


def test_the_same_identity_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="given twice"):
        a_profile(None, PHONE, PHONE)


def test_where_somebody_last_spoke_is_not_part_of_what_is_shown() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    world.say(world.conversation("ana", "bo"), "ana")
    world.drain()

    user = world.users.show(SERVICE, "bo")

    assert user.last_conversations
    assert "last_conversations" not in user.model_dump()
