"""What is new for a user, across conversations."""

from __future__ import annotations

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.api.views.conversations import ConversationEntry, MemberOut
from chat4all.api.views.messages import MessageOut
from chat4all.history import MessageView
from chat4all.realtime.sync_page import Part, SyncPage
from chat4all.receipts import Status, counts, message_status


class StatusOut(View):
    """Where a message of the user's own stands by now."""

    message_id: str
    seq: int
    status: Status
    counts: dict[str, int] = Field(description="How many recipients stand where.")

    @classmethod
    def of(cls, view: MessageView) -> StatusOut:
        place = view.receipts
        recipients = place.recipient_statuses(view.members) if place else {}
        return cls(
            message_id=view.message.message_id,
            seq=place.seq if place else 0,
            status=message_status(recipients),
            counts=counts(recipients),
        )


class SyncConversation(ConversationEntry):
    messages: list[MessageOut] = Field(description="What is new, in its order.")
    watermarks: list[MemberOut]
    statuses: list[StatusOut] = Field(
        description="The user's own earlier messages whose status may have risen."
    )

    @classmethod
    def of_part(cls, part: Part) -> SyncConversation:
        return cls(
            **dict(ConversationEntry.of_entry(part.entry)),
            messages=[MessageOut.of(view) for view in part.views],
            watermarks=[MemberOut.of(m) for _, m in sorted(part.members.items())],
            statuses=[StatusOut.of(view) for view in part.changed],
        )


class SyncOut(View):
    conversations: list[SyncConversation] = Field(
        description="Those with something new; one that is long goes on on the next page."
    )
    next_cursor: str = Field(description="For the next page, or for the next time.")
    has_more: bool = Field(description="There is more by now: ask again at once.")

    @classmethod
    def of(cls, page: SyncPage, next_cursor: str) -> SyncOut:
        return cls(
            conversations=[SyncConversation.of_part(part) for part in page.parts],
            next_cursor=next_cursor,
            has_more=page.more,
        )
