"""UserStore: people, and to whom an identity belongs."""

from __future__ import annotations

import pytest

from chat4all.errors import IdentityTaken, Raced
from chat4all.user import User
from tests.contract.samples import NOW, a_user, instagram, whatsapp
from tests.contract.worlds import Stores

PHONE, OTHER, INSTA = whatsapp("5511"), whatsapp("5522"), instagram("ig-1")


def owners(stores: Stores) -> dict[tuple[str, str, str], str]:
    return stores.users.owners([PHONE, OTHER, INSTA])


def user(stores: Stores, user_id: str) -> User:
    return stores.users.get([user_id])[user_id]


def test_a_user_comes_back_with_their_identities_in_order(stores: Stores) -> None:
    stored = stores.users.put(a_user("ann", INSTA, PHONE))

    assert stored == a_user("ann", INSTA, PHONE)
    assert stores.users.get(["ann", "bob"]) == {"ann": stored}
    assert stores.users.get([]) == {}
    assert owners(stores) == {INSTA.key: "ann", PHONE.key: "ann"}


def test_a_user_is_there_from_being_put_to_being_erased(stores: Stores) -> None:
    before = stores.users.is_there("ann")
    stores.users.put(a_user("ann", PHONE))
    between = stores.users.is_there("ann")
    stores.users.erase("ann", NOW)

    assert (before, between, stores.users.is_there("ann")) == (False, True, False)


def test_replacing_keeps_when_they_were_created(stores: Stores) -> None:
    stores.users.put(a_user("ann", PHONE))

    again = stores.users.put(a_user("ann", PHONE, name="Ann B.", created_at=NOW + 9))

    assert again == user(stores, "ann") == a_user("ann", PHONE, name="Ann B.")


def test_a_name_can_go_and_come(stores: Stores) -> None:
    for name in (None, "Ann", None):
        stores.users.put(a_user("ann", name=name))
        assert user(stores, "ann").name == name


def test_identities_that_are_left_out_are_free_again(stores: Stores) -> None:
    stores.users.put(a_user("ann", PHONE, INSTA))

    stores.users.put(a_user("ann", OTHER, PHONE))

    assert owners(stores) == {PHONE.key: "ann", OTHER.key: "ann"}
    stores.users.put(a_user("bob", INSTA))
    assert owners(stores)[INSTA.key] == "bob"


def test_an_identity_of_somebody_else_is_refused_and_changes_nothing(stores: Stores) -> None:
    stores.users.put(a_user("ann", PHONE))
    stores.users.put(a_user("bob", OTHER))

    with pytest.raises(IdentityTaken) as taken:
        stores.users.put(a_user("bob", INSTA, PHONE, name="Robert"))

    assert (taken.value.key, taken.value.owner) == (PHONE.key, "ann")
    assert user(stores, "bob") == a_user("bob", OTHER)
    assert owners(stores) == {PHONE.key: "ann", OTHER.key: "bob"}


def test_the_same_address_on_another_account_is_another_identity(stores: Stores) -> None:
    stores.users.put(a_user("ann", instagram("ig-1", "page-1")))
    stores.users.put(a_user("bob", instagram("ig-1", "page-2")))
    stores.users.put(a_user("cid", instagram("ig-1", None)))

    found = stores.users.owners([instagram("ig-1", page) for page in ("page-1", "page-2", None)])
    assert list(found.values()) == ["ann", "bob", "cid"]


def test_of_two_users_who_want_one_identity_exactly_one_gets_it(stores: Stores) -> None:
    errors = stores.race(
        lambda: stores.users.put(a_user("ann", PHONE, INSTA)),
        lambda: stores.users.put(a_user("bob", PHONE, OTHER)),
    )

    [error] = [e for e in errors if e is not None]
    assert isinstance(error, IdentityTaken)
    winner = "ann" if errors[0] is None else "bob"
    assert error.owner == owners(stores)[PHONE.key] == winner
    assert stores.users.get(["ann", "bob"]).keys() == {winner}
    assert set(owners(stores).values()) == {winner}


def test_a_user_replaced_twice_at_once_is_one_of_both(stores: Stores) -> None:
    stores.users.put(a_user("ann", PHONE))

    errors = stores.race(
        lambda: stores.users.put(a_user("ann", OTHER)),
        lambda: stores.users.put(a_user("ann", INSTA)),
    )

    assert errors == [None, None]
    assert owners(stores) == {i.key: "ann" for i in user(stores, "ann").identities}


def test_where_an_identity_last_spoke_survives_a_change_of_the_user(stores: Stores) -> None:
    stores.users.put(a_user("ann", PHONE, INSTA))
    stores.users.spoke_in("ann", PHONE, "conversation-1")
    stores.users.spoke_in("ann", INSTA, "conversation-2")
    stores.users.spoke_in("ann", PHONE, "conversation-3")

    again = stores.users.put(a_user("ann", PHONE, name="Ann B."))

    assert again == user(stores, "ann")
    assert user(stores, "ann").name == "Ann B."
    assert user(stores, "ann").last_conversations == {
        "whatsapp/-/5511": "conversation-3",
        "instagram/page-1/ig-1": "conversation-2",
    }


def test_nobody_cannot_have_spoken(stores: Stores) -> None:
    with pytest.raises(Raced):
        stores.users.spoke_in("nobody", PHONE, "conversation-1")
    assert stores.users.get(["nobody"]) == {}
