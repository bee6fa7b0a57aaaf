"""What a device is told that was away: messages, statuses, who has read, what was joined."""

from __future__ import annotations

import pytest
from realtime_harness import RealtimeWorld

from chat4all.caller import Caller
from chat4all.errors import Forbidden, Invalid
from chat4all.realtime.sync_cursor import SyncCursor
from chat4all.realtime.sync_page import SyncPage
from chat4all.receipts import Mark, Status, message_status
from tests.builders import SERVICE, as_user

pytestmark = pytest.mark.req("RF-005")
ANA, BO = as_user("ana"), as_user("bo")


def sync(
    world: RealtimeWorld, caller: Caller = BO, cursor: SyncCursor | None = None, limit: int = 50
) -> SyncPage:
    whose = "bo" if caller.is_service else None
    return world.syncing.page(caller, whose, cursor, limit)


def got(page: SyncPage) -> dict[str, list[int]]:
    return {
        part.entry.conversation.conversation_id: [v.receipts.seq for v in part.views if v.receipts]
        for part in page.parts
    }


def up_to_date(world: RealtimeWorld, caller: Caller = BO) -> SyncCursor:
    """A cursor of somebody who has everything, a minute ago."""
    page = sync(world, caller)
    assert not page.more
    world.clock.advance(60)
    return sync(world, caller, page.cursor).cursor


def test_a_first_call_gives_what_was_never_delivered(world: RealtimeWorld) -> None:
    one, other = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    world.talk(one, "ana", 3)
    world.talk(other, "cy", 2)
    world.conversations.delivered(BO, one, None, 2)

    page = sync(world)

    assert got(page) == {one: [3], other: [1, 2]}
    assert not page.more


def test_asking_again_with_its_cursor_gives_nothing(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "ana", 3)

    page = sync(world, cursor=sync(world).cursor)

    assert page.parts == []
    assert not page.more


def test_the_limit_counts_messages_and_a_page_may_end_within_a_conversation(
    world: RealtimeWorld,
) -> None:
    one, other = sorted((world.conversation("ana", "bo"), world.conversation("bo", "cy")))
    world.talk(one, "bo", 3)
    world.talk(other, "bo", 3)

    pages = [sync(world, limit=2)]
    while pages[-1].more:
        pages.append(sync(world, cursor=pages[-1].cursor, limit=2))

    assert [got(page) for page in pages[:3]] == [
        {one: [1, 2]},
        {one: [3], other: [1]},
        {other: [2, 3]},
    ]


def test_the_members_own_token_delivers_without_gaps(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    [first, *_] = world.talk(conversation, "ana", 3)

    sync(world, limit=2)

    assert world.store.members[conversation, "bo"].delivered_seq == 2
    assert world.status(first) is Status.DELIVERED


def test_a_service_that_asks_for_somebody_delivers_nothing(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "ana", 3)

    page = sync(world, SERVICE)

    assert got(page) == {conversation: [1, 2, 3]}
    assert world.store.members[conversation, "bo"].delivered_seq == 0


def test_who_may_ask_for_whom(world: RealtimeWorld) -> None:
    with pytest.raises(Invalid):
        world.syncing.page(SERVICE, None, None, 50)
    with pytest.raises(Forbidden):
        world.syncing.page(BO, "ana", None, 50)


def test_after_a_long_time_away_the_first_new_one_is_found_among_many(
    world: RealtimeWorld,
) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "ana", 37)
    cursor = up_to_date(world)
    world.talk(conversation, "ana", 250)
    world.clock.advance(7200)

    pages = [sync(world, cursor=cursor, limit=100)]
    while pages[-1].more:
        pages.append(sync(world, cursor=pages[-1].cursor, limit=100))

    found = [seq for page in pages for seq in got(page).get(conversation, [])]
    assert found == list(range(38, 288))


def test_what_is_stored_and_not_shown_yet_comes_the_next_time(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    ids = world.talk(conversation, "ana", 4)
    world.late.late = {ids[1]}

    first = sync(world)
    world.late.late.clear()
    second = sync(world, cursor=first.cursor)

    assert got(first) == {conversation: [1]}
    assert not first.complete
    assert got(second) == {conversation: [2, 3, 4]}
    assert second.complete


def test_a_lost_answer_is_given_again(world: RealtimeWorld) -> None:
    one, other = sorted((world.conversation("ana", "bo"), world.conversation("bo", "cy")))
    for conversation in (one, other):
        world.talk(conversation, "bo", 2)
    first = sync(world, limit=2)
    world.clock.advance(1)

    lost = sync(world, cursor=first.cursor, limit=2)
    world.clock.advance(1)
    again = sync(world, cursor=first.cursor, limit=2)

    assert got(lost) == got(again) == {other: [1, 2]}


def test_ones_own_messages_show_how_far_they_came(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.user("bo", whatsapp="551100")
    by_channel, _ = world.talk(conversation, "ana"), world.deliver()
    world.user("cy")
    group = world.conversation("ana", "cy")
    in_app = world.talk(group, "ana")
    cursor = up_to_date(world, ANA)
    world.report(by_channel[0], Mark.DELIVERED)
    world.conversations.read(as_user("cy"), group, None, 1)

    page = sync(world, ANA, cursor)

    changed = {view.message.message_id: view for part in page.parts for view in part.changed}
    statuses = {
        i: message_status(v.receipts.recipient_statuses(v.members))
        for i, v in changed.items()
        if v.receipts
    }
    assert statuses == {by_channel[0]: Status.DELIVERED, in_app[0]: Status.READ}
    assert all(part.views == [] for part in page.parts)


def test_reading_on_one_device_is_news_on_the_other(world: RealtimeWorld) -> None:
    conversation = world.conversation("ana", "bo")
    world.talk(conversation, "ana", 3)
    cursor = up_to_date(world)
    world.conversations.read(BO, conversation, None, 3)

    page = sync(world, cursor=cursor)

    [part] = page.parts
    assert part.entry.member.unread(part.entry.head) == 0
    assert part.views == []


def test_a_conversation_that_was_joined_comes_whole(world: RealtimeWorld) -> None:
    world.user("bo")
    group = world.conversation("ana", "cy", "di")
    world.talk(group, "ana", 3)
    cursor = up_to_date(world)
    world.clock.advance(60)
    world.conversations.join(SERVICE, group, "bo")
    world.talk(group, "ana")

    page = sync(world, cursor=cursor)
    again = sync(world, cursor=page.cursor)

    assert got(page) == {group: [1, 2, 3, 4]}
    assert got(again).get(group, []) == []


def test_a_conversation_that_was_left_comes_no_more(world: RealtimeWorld) -> None:
    group = world.conversation("ana", "bo", "cy")
    world.talk(group, "ana", 2)
    cursor = sync(world).cursor
    world.talk(group, "ana", 2)
    world.conversations.leave(SERVICE, group, "bo")

    assert sync(world, cursor=cursor).parts == []


def test_one_that_is_quiet_is_not_mentioned(world: RealtimeWorld) -> None:
    quiet, lively = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    world.talk(quiet, "ana", 2)
    world.talk(lively, "cy", 1)
    cursor = up_to_date(world)
    world.talk(lively, "cy", 1)

    assert got(sync(world, cursor=cursor)) == {lively: [2]}
