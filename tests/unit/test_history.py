"""History has no holes: pages, gaps, and what fetching delivers."""

from collections.abc import Sequence

import pytest

from chat4all.adapters.memory import MemoryMessageStore, MemoryStore
from chat4all.errors import NotFound
from chat4all.history import Page
from chat4all.receipts import Mark, Receipts, Status
from tests.builders import SERVICE, as_user
from tests.world import World


class LaggingStore(MemoryMessageStore):
    """What is hidden is written, and its index or its replica does not show it yet."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.not_indexed: set[int] = set()
        self.not_replicated: set[int] = set()

    def history(self, conversation_id: str, **wanted) -> list[tuple[int, str]]:
        limit = wanted.pop("limit")
        rows = super().history(conversation_id, limit=10**6, **wanted)
        return [row for row in rows if row[0] not in self.not_indexed][:limit]

    def receipts(self, message_ids: Sequence[str], *, fresh: bool = False) -> dict[str, Receipts]:
        found = super().receipts(message_ids, fresh=fresh)
        return {i: r for i, r in found.items() if fresh or r.seq not in self.not_replicated}


def a_talk(messages: int) -> tuple[World, str, LaggingStore]:
    store = MemoryStore()
    lagging = LaggingStore(store)
    world = World(store, messages=lagging)
    conversation = world.conversation("ana", "bo")
    for number in range(messages):
        world.say(conversation, "ana", f"words {number + 1}")
        world.drain()
    return world, conversation, lagging


def page(world: World, conversation: str, caller=SERVICE, **wanted) -> Page:
    return world.history.page(
        caller, conversation, **{"since": 0, "before": None, "limit": 50, **wanted}
    )


def seqs(found: Page) -> list[int]:
    return [view.receipts.seq for view in found.views if view.receipts]


@pytest.mark.req("RNF-005")
def test_history_is_in_order_and_pages_meet() -> None:
    world, conversation, _ = a_talk(7)

    first = page(world, conversation, limit=3)
    second = page(world, conversation, limit=3, since=3)
    last = page(world, conversation, limit=3, since=6)

    assert [seqs(first), seqs(second), seqs(last)] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [first.more, second.more, last.more] == [True, True, False]


def test_before_alone_gives_the_last_ones_before_it_in_their_order() -> None:
    world, conversation, _ = a_talk(7)

    found = page(world, conversation, before=6, limit=3)

    assert seqs(found) == [3, 4, 5]
    assert found.more


def test_since_and_before_bound_a_page_on_both_sides() -> None:
    world, conversation, _ = a_talk(7)

    found = page(world, conversation, since=2, before=6)

    assert seqs(found) == [3, 4, 5]
    assert not found.more


@pytest.mark.parametrize("missing", [1, 3, 5])
def test_a_page_ends_before_the_first_seq_that_the_index_lacks(missing: int) -> None:
    world, conversation, lagging = a_talk(5)
    lagging.not_indexed = {missing}

    found = page(world, conversation)

    assert seqs(found) == list(range(1, missing))


def test_a_page_ends_before_what_a_replica_lacks() -> None:
    world, conversation, lagging = a_talk(5)
    lagging.not_replicated = {3}

    found = page(world, conversation, as_user("bo"))

    assert seqs(found) == [1, 2]
    assert world.store.members[conversation, "bo"].delivered_seq == 2


def test_going_backwards_over_a_gap_skips_nothing() -> None:
    world, conversation, lagging = a_talk(7)
    lagging.not_indexed = {4}

    found = page(world, conversation, before=8, limit=5)

    assert seqs(found) == [5, 6, 7]
    assert found.more, "what comes before the gap must still be asked for"


@pytest.mark.req("RF-005")
def test_fetching_with_a_members_own_token_delivers() -> None:
    world, conversation, _ = a_talk(2)
    [first, second] = sorted(world.store.placed.values(), key=lambda r: r.seq)

    page(world, conversation, as_user("bo"), limit=1)

    assert world.status(first.message_id) is Status.DELIVERED
    assert world.status(second.message_id) is Status.SENT


def test_a_service_that_fetches_delivers_nothing() -> None:
    world, conversation, _ = a_talk(2)

    page(world, conversation, SERVICE)

    assert world.store.members[conversation, "bo"].delivered_seq == 0


def test_fetching_past_a_gap_in_what_was_fetched_delivers_nothing() -> None:
    world, conversation, _ = a_talk(5)

    page(world, conversation, as_user("bo"), since=3)

    assert world.store.members[conversation, "bo"].delivered_seq == 0


def test_fetching_again_moves_no_watermark_back() -> None:
    world, conversation, _ = a_talk(5)
    page(world, conversation, as_user("bo"))

    page(world, conversation, as_user("bo"), limit=2)

    assert world.store.members[conversation, "bo"].delivered_seq == 5


def test_a_message_shows_when_it_was_delivered_and_read_in_the_app() -> None:
    world, conversation, _ = a_talk(2)
    world.clock.advance(10)
    delivered_at = world.clock.now()
    page(world, conversation, as_user("bo"))
    world.clock.advance(10)
    world.conversations.read(as_user("bo"), conversation, None, 2)
    first = next(r.message_id for r in world.store.placed.values() if r.seq == 1)

    times = world.history.app_times(world.history.show(SERVICE, first))

    assert times == {
        ("bo", Mark.DELIVERED): delivered_at,
        ("bo", Mark.READ): world.clock.now(),
    }


def test_a_message_that_has_no_place_yet_is_shown_and_is_in_no_history() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana")

    view = world.history.show(as_user("bo"), message_id)

    assert view.receipts is None
    assert world.history.app_times(view) == {}
    assert page(world, conversation).views == []


def test_strangers_see_neither_a_message_nor_a_history() -> None:
    world, conversation, _ = a_talk(1)
    [message_id] = world.store.messages

    with pytest.raises(NotFound) as message:
        world.history.show(as_user("eve"), message_id)
    with pytest.raises(NotFound) as history:
        page(world, conversation, as_user("eve"))

    assert message.value.code == "message_not_found"
    assert history.value.code == "conversation_not_found"
