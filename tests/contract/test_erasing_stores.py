"""What the stores forget: bodies that are over or erased, addresses, people, who left what."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.errors import Raced, UserErased
from chat4all.file import FileStatus
from chat4all.ids import derived_id
from chat4all.message import ErasedPayload, Erasure, Message
from chat4all.receipts import Failure, Mark, Planned
from tests.builders import text
from tests.contract.samples import (
    CONVERSATION,
    NOW,
    a_file,
    a_group,
    a_head,
    a_message,
    a_place,
    a_private,
    a_receipt,
    a_user,
    an_id,
    instagram,
    whatsapp,
)
from tests.contract.worlds import Stores

pytestmark = pytest.mark.req("RNF-009")
DAY = 86_400_000
OVER = ErasedPayload(reason=Erasure.RETENTION)
ERASED = ErasedPayload(reason=Erasure.USER_ERASED)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIELDS = {
    "metadata": {"order": "7"},
    "to": ("bob",),
    "channels": ("app",),
    "origin": "whatsapp",
    "trace": TRACE,
}


def a_passing(number: int, until: int, **other: Any) -> Message:
    """A message whose body goes."""
    return a_message(number, body_until=until, **{**FIELDS, **other})


def test_a_body_is_there_until_its_time_and_gone_from_then_on(stores: Stores) -> None:
    later, now = a_passing(1, NOW + 1000), a_passing(2, NOW)

    outcomes = [stores.messages.add([m]) for m in (later, now)]

    assert outcomes == [[None], [None]]
    for fresh in (False, True):
        found = stores.messages.get([an_id(1), an_id(2)], fresh=fresh)
        assert found == {an_id(1): later, an_id(2): now.erased(Erasure.RETENTION)}
    assert found[an_id(2)].payload == OVER
    assert (found[an_id(2)].metadata, found[an_id(2)].fingerprint) == ({}, "")
    assert (found[an_id(2)].to, found[an_id(2)].origin) == (("bob",), "whatsapp")


def test_bodies_that_go_and_bodies_that_stay_are_stored_in_one_bulk(stores: Stores) -> None:
    batch = [a_passing(1, NOW + DAY), a_message(2), a_passing(3, NOW), a_passing(4, NOW + DAY)]

    assert stores.messages.add(batch) == [None] * 4

    found = stores.messages.get([an_id(n) for n in (1, 2, 3, 4)])
    assert found == {m.message_id: m.at(NOW) for m in batch}


def test_an_id_stays_taken_when_its_body_is_over(stores: Stores) -> None:
    stores.messages.add([a_passing(1, NOW)])

    one = stores.messages.add([a_message(1, fingerprint="another")])
    several = stores.messages.add([a_passing(1, NOW + DAY), a_message(2)])

    gone = a_passing(1, NOW).erased(Erasure.RETENTION)
    assert (one, several) == ([gone], [gone, None])
    assert stores.messages.get([an_id(1)]) == {an_id(1): gone}


def test_a_message_never_shows_the_body_of_another_that_wanted_its_id(stores: Stores) -> None:
    first = a_passing(1, NOW + DAY, sender="ann")
    stores.messages.add([first])

    [there] = stores.messages.add([a_passing(1, NOW + DAY, sender="eve", fingerprint="eve's")])

    assert there == first
    assert stores.messages.get([an_id(1)], fresh=True) == {an_id(1): first}


def left_in_table(stores: Stores, word: str) -> bool:
    """Whether any item has it, or whatever the fake keeps."""
    if stores.adapter == "memory":
        return word in str(vars(stores.messages._s))  # type: ignore[attr-defined]
    table = stores.messages._table  # type: ignore[attr-defined]
    return word in str(table.client.scan(TableName=table.name)["Items"])


def test_a_message_that_is_offered_again_leaves_no_second_body(stores: Stores) -> None:
    stores.messages.add([a_passing(1, NOW + DAY)])

    stores.messages.add([a_passing(1, NOW + DAY, payload=text("another"))])
    stores.messages.add([a_passing(1, NOW + DAY, payload=text("another")), a_message(2)])

    assert not left_in_table(stores, "another")
    assert stores.messages.get([an_id(1)], fresh=True) == {an_id(1): a_passing(1, NOW + DAY)}


def test_a_first_try_whose_answer_was_lost_keeps_its_body(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    if stores.adapter == "memory":
        pytest.skip("its answers are never lost")
    table = stores.messages._table  # type: ignore[attr-defined]
    put_new = table.put_new

    def twice(item: dict[str, Any]) -> Any:
        """As botocore does when no answer comes."""
        put_new(item)
        return put_new(item)

    monkeypatch.setattr(table, "put_new", lambda i: twice(i) if i["sk"] == "MSG" else put_new(i))

    stores.messages.add([a_passing(1, NOW + DAY)])

    assert stores.messages.get([an_id(1)], fresh=True) == {an_id(1): a_passing(1, NOW + DAY)}


def test_a_body_that_a_crash_left_goes_when_its_message_is_erased(stores: Stores) -> None:
    if stores.adapter == "memory":
        pytest.skip("it has no bodies beside")
    stores.messages.add([a_passing(1, NOW + DAY)])
    lost = a_passing(1, NOW + DAY, payload=text("lost"))
    stores.messages._bodies.put_apart([lost])  # type: ignore[attr-defined]
    assert left_in_table(stores, "lost")

    stores.messages.erase([an_id(1)])

    assert not left_in_table(stores, "lost")


def test_the_router_sees_bodies_too(stores: Stores) -> None:
    stores.conversations.create(a_group())
    stores.messages.add([a_passing(1, NOW + DAY)])
    stores.messages.add([a_passing(2, NOW)])

    view = stores.messages.routing_view([an_id(1), an_id(2)], [CONVERSATION])

    assert view.messages[an_id(1)].payload == a_message(1).payload
    assert view.messages[an_id(2)].payload == OVER


@pytest.mark.parametrize("until", [None, NOW + DAY, NOW])
def test_an_erased_message_has_no_body_and_keeps_the_rest(
    stores: Stores, until: int | None
) -> None:
    message = a_message(1, body_until=until, **FIELDS)
    stores.messages.add([message])
    stores.messages.add([a_message(2)])

    for _ in range(2):
        stores.messages.erase([an_id(1), an_id(9)])

    found = stores.messages.get([an_id(1), an_id(2), an_id(9)], fresh=True)
    assert found == {an_id(1): message.erased(Erasure.USER_ERASED), an_id(2): a_message(2)}
    assert found[an_id(1)].payload == ERASED
    assert not left_in_table(stores, TRACE)


def test_many_are_erased_at_once(stores: Stores) -> None:
    stores.messages.add([a_message(n) for n in range(1, 31)])

    stores.messages.erase([an_id(n) for n in range(1, 31)])

    found = stores.messages.get([an_id(n) for n in range(1, 31)])
    assert {m.payload for m in found.values()} == {ERASED} and len(found) == 30


def test_addresses_of_one_person_go_and_all_else_of_a_place_stays(stores: Stores) -> None:
    stores.conversations.create(a_group())
    other = Planned(user_id="cid", channel="whatsapp", address="552")
    places = [a_place(n, plan=(*a_place().plan, other)) for n in (1, 2)]
    stores.messages.sequence({CONVERSATION: (0, a_head(2))}, places)
    stores.messages.record([a_receipt(1, Mark.SENT)])
    before = stores.messages.receipts([an_id(1), an_id(2)], fresh=True)

    for _ in range(2):
        stores.messages.forget_addresses([an_id(1), an_id(9)], "bob")

    after = stores.messages.receipts([an_id(1), an_id(2)], fresh=True)
    plan = tuple(p.model_copy(update={"address": None}) for p in a_place().plan)
    assert after[an_id(1)] == before[an_id(1)].model_copy(update={"plan": (*plan, other)})
    assert after[an_id(2)] == before[an_id(2)]


def test_of_a_failure_the_code_stays_and_the_providers_words_go(stores: Stores) -> None:
    stores.conversations.create(a_group())
    other = Planned(user_id="cid", channel="whatsapp", address="552")
    place = a_place(plan=(*a_place().plan, other))
    stores.messages.sequence({CONVERSATION: (0, a_head(1))}, [place])
    for index in (0, len(place.plan) - 1):
        failure = Failure(code="131009", reason=f"not valid: +551 of {index}", retriable=True)
        stores.messages.count_attempt(an_id(1), index, f"131009: +551 of {index}")
        stores.messages.record([a_receipt(1, Mark.FAILED, index=index, failure=failure)])

    for _ in range(2):
        stores.messages.forget_addresses([an_id(1)], "bob")

    [after] = stores.messages.receipts([an_id(1)], fresh=True).values()
    assert after.failures[0] == Failure(code="131009", reason="", retriable=True)
    assert after.failures[len(place.plan) - 1].reason
    assert not left_in_table(stores, "+551 of 0")


def test_of_two_who_are_forgotten_at_once_neither_stays(stores: Stores) -> None:
    stores.conversations.create(a_group())
    plan = tuple(Planned(user_id=u, channel="whatsapp", address=u) for u in ("bob", "cid"))
    stores.messages.sequence({CONVERSATION: (0, a_head(1))}, [a_place(1, plan=plan)])

    errors = stores.race(
        *(lambda u=user: stores.messages.forget_addresses([an_id(1)], u) for user in ("bob", "cid"))
    )

    assert {type(e) for e in errors if e} <= {Raced}
    for user in ("bob", "cid"):  # whoever lost says it again
        stores.messages.forget_addresses([an_id(1)], user)
    [place] = stores.messages.receipts([an_id(1)], fresh=True).values()
    assert [p.address for p in place.plan] == [None, None]


def test_retention_is_kept_with_its_conversation(stores: Stores) -> None:
    kept = a_group(retention_days=30)
    stores.conversations.create(kept)
    stores.conversations.create(a_private(conversation_id="for ever"))

    found = stores.conversations.get([CONVERSATION, "for ever"])

    assert found[CONVERSATION] == kept
    assert found["for ever"].retention_days is None


def test_days_are_changed_for_what_comes(stores: Stores) -> None:
    stores.conversations.create(a_group())

    kept = stores.conversations.keep_for(CONVERSATION, 7)

    assert kept == a_group(retention_days=7)
    assert stores.conversations.get([CONVERSATION]) == {CONVERSATION: kept}
    with pytest.raises(Raced):
        stores.conversations.keep_for("nowhere", 7)
    assert stores.conversations.get(["nowhere"]) == {}


def test_who_left_is_remembered_until_told_otherwise(stores: Stores) -> None:
    stores.conversations.create(a_group())
    stores.conversations.create(a_private(conversation_id="pair"))
    assert stores.conversations.ever_in("bob") == sorted([CONVERSATION, "pair"])

    stores.conversations.leave(CONVERSATION, "bob", NOW + 5)

    assert stores.conversations.ever_in("bob") == sorted([CONVERSATION, "pair"])
    assert "bob" not in stores.conversations.members(CONVERSATION)
    for _ in range(2):
        stores.conversations.forget_left(CONVERSATION, "bob")
    assert stores.conversations.ever_in("bob") == ["pair"]
    assert stores.conversations.ever_in("nobody") == []


def test_who_comes_back_and_leaves_again_is_remembered_once(stores: Stores) -> None:
    stores.conversations.create(a_group())
    for at in (NOW + 1, NOW + 3):
        stores.conversations.leave(CONVERSATION, "bob", at)
        stores.conversations.join(CONVERSATION, "bob", at + 1)

    assert stores.conversations.ever_in("bob") == [CONVERSATION]


def test_an_erased_user_is_gone_with_all_identities(stores: Stores) -> None:
    ann = stores.users.put(a_user("ann", whatsapp("551"), instagram("ig-ann")))
    stores.users.put(a_user("bob", whatsapp("552")))
    stores.users.spoke_in("ann", whatsapp("551"), CONVERSATION)

    outcomes = [stores.users.erase("ann", NOW) for _ in range(2)]

    assert outcomes == [True, False]
    assert stores.users.get(["ann", "bob"]).keys() == {"bob"}
    assert set(stores.users.owners([*ann.identities, whatsapp("552")]).values()) == {"bob"}
    with pytest.raises(Raced):
        stores.users.spoke_in("ann", whatsapp("551"), CONVERSATION)
    stores.users.put(a_user("eve", whatsapp("551")))


def test_the_id_of_an_erased_user_is_given_to_nobody_and_nothing_changes(stores: Stores) -> None:
    stores.users.put(a_user("ann", whatsapp("551")))
    stores.users.erase("ann", NOW)

    for identities in ((whatsapp("551"),), ()):
        with pytest.raises(UserErased):
            stores.users.put(a_user("ann", *identities))

    assert stores.users.get(["ann"]) == {}
    assert stores.users.owners([whatsapp("551")]) == {}


def test_who_is_erased_while_they_are_changed_is_erased(stores: Stores) -> None:
    stores.users.put(a_user("ann", whatsapp("551")))

    errors = stores.race(
        lambda: stores.users.put(a_user("ann", whatsapp("552"))),
        lambda: stores.users.erase("ann", NOW),
    )

    assert {type(e) for e in errors if e} <= {UserErased}
    assert stores.users.get(["ann"]) == {}
    assert stores.users.owners([whatsapp("551"), whatsapp("552")]) == {}


def test_files_are_listed_by_their_owner_in_pages(stores: Stores) -> None:
    files = [a_file(file_id=derived_id("file", str(n)), created_at=NOW + n) for n in range(5)]
    for file in files:
        stores.files.add(file)
    stores.files.add(a_file(file_id="others", owner="bob"))
    stores.files.add(a_file(file_id="ours", owner=None))
    stores.files.move(files[0], FileStatus.ABORTED)

    first = stores.files.owned("ann", None, 3)
    second = stores.files.owned("ann", first[-1][0], 3)

    assert [i for _, i in (*first, *second)] == [f.file_id for f in files]
    assert len(first) == 3
    assert stores.files.owned("nobody", None, 3) == []


def test_a_deleted_file_lets_go_of_what_it_was(stores: Stores) -> None:
    file = stores.files.add(a_file(status=FileStatus.READY, checksum="yvoYvQzVp3g=", size=9))

    stores.files.move(file, FileStatus.DELETED, filename="", checksum="", reason="deleted")

    there = stores.files.get(file.file_id)
    assert there and (there.status, there.filename, there.checksum) == ("DELETED", "", "")
    assert (there.owner, there.size, there.reason) == ("ann", 9, "deleted")
