"""Show messages: one with all its deliveries, or a conversation's history, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from chat4all.caller import Caller
from chat4all.conversation import Member
from chat4all.errors import NotFound
from chat4all.message import Message
from chat4all.ports import Clock, ConversationStore, MessageStore
from chat4all.receipts import Mark, Receipts


@dataclass(frozen=True)
class MessageView:
    """A message with where it stands. `receipts` is None until it has its place."""

    message: Message
    receipts: Receipts | None
    members: dict[str, Member]


@dataclass(frozen=True)
class Page:
    views: list[MessageView]
    more: bool


class History:
    def __init__(
        self, messages: MessageStore, conversations: ConversationStore, clock: Clock
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._clock = clock

    def show(self, caller: Caller, message_id: str) -> MessageView:
        """Raises NotFound, also for what is none of the caller's business."""
        message = self._messages.get([message_id], fresh=True).get(message_id)
        hidden = NotFound("message_not_found", "There is no such message.")
        if message is None:
            raise hidden
        try:
            caller.may_see(
                self._conversations.get([message.conversation_id]).get(message.conversation_id)
            )
        except NotFound as error:
            raise hidden from error
        receipts = self._messages.receipts([message_id], fresh=True).get(message_id)
        return MessageView(message, receipts, self._conversations.members(message.conversation_id))

    def app_times(self, view: MessageView) -> dict[tuple[str, Mark], int]:
        """When each recipient had the message in the app, and when they read it there."""
        if view.receipts is None:
            return {}
        found: dict[tuple[str, Mark], int] = {}
        seq = view.receipts.seq
        for index, planned in enumerate(view.receipts.plan):
            member = view.members.get(planned.user_id)
            if member is None or not view.receipts.in_app(index):
                continue
            for mark, reached in (
                (Mark.DELIVERED, member.delivered_seq),
                (Mark.READ, member.read_seq),
            ):
                if reached >= seq:
                    at = self._conversations.advanced_at(
                        view.message.conversation_id, planned.user_id, mark, seq
                    )
                    if at is not None:
                        found[planned.user_id, mark] = at
        return found

    def page(
        self, caller: Caller, conversation_id: str, *, since: int, before: int | None, limit: int
    ) -> Page:
        """Messages in their order, with `since` < seq < `before`.

        From `since` upwards; with `before` and no `since`, the last ones before
        it. A page ends before the first seq that the index does not show yet,
        so that nothing ever appears behind a cursor. Fetching with a member's
        own token delivers: it moves that member's watermark.
        """
        found = self._conversations.get([conversation_id]).get(conversation_id)
        caller.may_see(found)
        newest_first = before is not None and since == 0
        rows = self._messages.history(
            conversation_id,
            after=since,
            before=before if before is not None else 10**15,
            limit=limit + 1,
            newest_first=newest_first,
        )
        more = len(rows) > limit
        ids = [message_id for _, message_id in rows[:limit]]
        messages, receipts = self._messages.get(ids), self._messages.receipts(ids)
        rows = sorted(r for r in rows[:limit] if r[1] in messages and r[1] in receipts)
        rows = _from_gap(rows) if newest_first else _until_gap(rows, since + 1)
        more = more or (newest_first and bool(rows) and rows[0][0] > 1)
        members = self._conversations.members(conversation_id)
        views = [MessageView(messages[i], receipts[i], members) for _, i in rows]
        if not caller.is_service and caller.subject in members and rows:
            self._deliver_in_app(members[caller.subject], rows[0][0], rows[-1][0])
        return Page(views, more)

    def _deliver_in_app(self, member: Member, first: int, last: int) -> None:
        if first <= member.delivered_seq + 1 and last > member.delivered_seq:
            self._conversations.advance(member, Mark.DELIVERED, last, self._clock.now())


def _until_gap(rows: list[tuple[int, str]], first: int) -> list[tuple[int, str]]:
    for position, (seq, _) in enumerate(rows):
        if seq != first + position:
            return rows[:position]
    return rows


def _from_gap(rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The last of them that follow each other: a page that goes backwards ends at the gap."""
    for position in range(len(rows) - 1, 0, -1):
        if rows[position - 1][0] != rows[position][0] - 1:
            return rows[position:]
    return rows
