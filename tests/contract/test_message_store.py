"""MessageStore: messages themselves, their order, their history."""

from __future__ import annotations

import pytest

from chat4all.errors import Raced
from chat4all.message import TemplatePayload, UnsupportedPayload
from chat4all.receipts import Mark
from tests.contract.samples import (
    CONVERSATION,
    NOW,
    REFUSED,
    a_group,
    a_head,
    a_message,
    a_place,
    an_id,
)
from tests.contract.worlds import Stores


def sequenced(stores: Stores, up_to: int) -> None:
    """A conversation with messages 1 to n in their places, ten a batch."""
    stores.conversations.create(a_group())
    for first in range(1, up_to + 1, 10):
        last = min(first + 9, up_to)
        places = [a_place(n) for n in range(first, last + 1)]
        stores.messages.sequence({CONVERSATION: (first - 1, a_head(last))}, places)


def test_a_message_comes_back_as_it_was_stored(stores: Stores) -> None:
    whole = a_message(
        1,
        to=("bob",),
        channels=("whatsapp", "app"),
        payload=TemplatePayload(type="template", name="hi", language="pt_BR", parameters=("Ann",)),
        metadata={"order": "7", "total": 12.5, "paid": False, "note": None},
    )
    bare = a_message(2, payload=UnsupportedPayload(type="unsupported", kind="sticker"))
    inbound = a_message(3, origin="whatsapp", fingerprint="")

    outcomes = [stores.messages.add([m]) for m in (whole, bare, inbound)]

    assert outcomes == [[None], [None], [None]]
    found = stores.messages.get([an_id(1), an_id(2), an_id(3), an_id(4)])
    assert found == {an_id(1): whole, an_id(2): bare, an_id(3): inbound}


def test_an_id_that_is_taken_answers_with_the_message_that_has_it(stores: Stores) -> None:
    stores.messages.add([a_message(1)])

    again = stores.messages.add([a_message(1, fingerprint="another", sender="eve")])

    assert again == [a_message(1)]
    assert stores.messages.get([an_id(1)]) == {an_id(1): a_message(1)}


def test_in_bulk_only_the_new_ones_are_stored(stores: Stores) -> None:
    stores.messages.add([a_message(3)])

    outcomes = stores.messages.add([a_message(n, fingerprint="bulk") for n in range(1, 31)])

    assert outcomes == [None, None, a_message(3), *[None] * 27]
    assert len(stores.messages.get([an_id(n) for n in range(1, 31)])) == 30


def test_of_many_with_the_same_id_at_once_one_is_stored(stores: Stores) -> None:
    known: list[object] = []

    stores.race(
        *(
            lambda n=n: known.extend(stores.messages.add([a_message(1, fingerprint=str(n))]))
            for n in range(8)
        )
    )

    [winner] = stores.messages.get([an_id(1)]).values()
    assert known.count(None) == 1
    assert known.count(winner) == 7


def test_a_routing_view_has_what_exists(stores: Stores) -> None:
    sequenced(stores, 1)
    stores.messages.add([a_message(1), a_message(2)])

    view = stores.messages.routing_view([an_id(1), an_id(2), an_id(9)], [CONVERSATION, "nowhere"])

    assert view.messages == {an_id(1): a_message(1), an_id(2): a_message(2)}
    assert view.receipts == {an_id(1): a_place(1)}
    assert view.conversations == {CONVERSATION: a_group()}
    assert view.heads == {CONVERSATION: a_head(1)}


def test_sequencing_gives_places_and_moves_the_head(stores: Stores) -> None:
    stores.conversations.create(a_group())
    failed = a_place(2, times={(0, Mark.FAILED): NOW}, failures={0: REFUSED}, origin="instagram")

    stores.messages.sequence({CONVERSATION: (0, a_head(2))}, [a_place(1), failed])
    stores.messages.sequence({CONVERSATION: (2, a_head(3, said={"bob": 3}))}, [a_place(3)])

    found = stores.messages.receipts([an_id(n) for n in (1, 2, 3, 4)], fresh=True)
    assert found == {an_id(1): a_place(1), an_id(2): failed, an_id(3): a_place(3)}
    head = a_head(3, said={"ann": 2, "bob": 3})
    assert stores.conversations.heads([CONVERSATION]) == {CONVERSATION: head}


@pytest.mark.parametrize("read", [0, 2])
def test_a_stale_head_is_a_race_and_writes_nothing(stores: Stores, read: int) -> None:
    sequenced(stores, 1)

    with pytest.raises(Raced):
        stores.messages.sequence({CONVERSATION: (read, a_head(5))}, [a_place(2)])

    assert stores.messages.receipts([an_id(2)], fresh=True) == {}
    assert stores.conversations.heads([CONVERSATION]) == {CONVERSATION: a_head(1)}


def test_a_message_that_has_its_place_is_a_race_and_writes_nothing(stores: Stores) -> None:
    sequenced(stores, 1)

    with pytest.raises(Raced):
        stores.messages.sequence(
            {CONVERSATION: (1, a_head(3))}, [a_place(2), a_place(1, seq=3, sender="eve")]
        )

    assert stores.messages.receipts([an_id(1), an_id(2)], fresh=True) == {an_id(1): a_place(1)}
    assert stores.conversations.heads([CONVERSATION]) == {CONVERSATION: a_head(1)}


def test_one_lost_race_undoes_the_batch_of_every_conversation(stores: Stores) -> None:
    stores.conversations.create(a_group())
    stores.conversations.create(a_group(conversation_id="other"))
    heads = {
        CONVERSATION: (0, a_head(1)),
        "other": (7, a_head(8, conversation_id="other")),
    }

    with pytest.raises(Raced):
        stores.messages.sequence(heads, [a_place(1), a_place(8, conversation_id="other")])

    assert stores.messages.receipts([an_id(1), an_id(8)], fresh=True) == {}
    found = stores.conversations.heads([CONVERSATION, "other"])
    assert [h.last_seq for h in found.values()] == [0, 0]


def test_a_conversation_without_a_head_cannot_be_sequenced(stores: Stores) -> None:
    with pytest.raises(Raced):
        stores.messages.sequence({CONVERSATION: (0, a_head(1))}, [a_place(1)])

    assert stores.conversations.heads([CONVERSATION]) == {}


def test_of_two_routers_with_the_same_head_one_wins(stores: Stores) -> None:
    stores.conversations.create(a_group())

    errors = stores.race(
        *(
            lambda n=n: stores.messages.sequence({CONVERSATION: (0, a_head(1))}, [a_place(n, 1)])
            for n in (1, 2)
        )
    )

    assert [type(e) for e in errors if e] == [Raced]
    assert len(stores.messages.receipts([an_id(1), an_id(2)], fresh=True)) == 1


def seqs(stores: Stores, **bounds: int | bool) -> list[int]:
    asked = {"after": 0, "before": 10**15, "limit": 100, "newest_first": False} | bounds
    rows = stores.messages.history(CONVERSATION, **asked)  # type: ignore[arg-type]
    assert all(message_id == an_id(seq) for seq, message_id in rows)
    return [seq for seq, _ in rows]


def test_history_is_in_order_within_bounds_that_are_not_included(stores: Stores) -> None:
    sequenced(stores, 13)
    stores.conversations.create(a_group(conversation_id="other"))
    head = a_head(1, conversation_id="other")
    stores.messages.sequence({"other": (0, head)}, [a_place(99, 1, conversation_id="other")])

    assert seqs(stores) == list(range(1, 14))
    assert seqs(stores, after=9) == [10, 11, 12, 13]
    assert seqs(stores, before=3) == [1, 2]
    assert seqs(stores, after=8, before=11) == [9, 10]
    assert seqs(stores, after=8, before=9) == []
    assert seqs(stores, after=20) == []
    assert seqs(stores, limit=2) == [1, 2]
    assert seqs(stores, limit=2, after=9) == [10, 11]
    assert seqs(stores, limit=3, newest_first=True) == [13, 12, 11]
    assert seqs(stores, limit=3, before=11, newest_first=True) == [10, 9, 8]
    assert stores.messages.history("nowhere", after=0, before=9, limit=9, newest_first=False) == []
