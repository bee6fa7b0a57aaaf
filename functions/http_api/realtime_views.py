"""Who is there and what is new, as clients see it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chat4all.history import MessageView
from chat4all.realtime.presence import PresenceView
from chat4all.realtime.sync_page import Part, SyncPage
from chat4all.receipts import Status, counts, message_status
from chat4all.timestamps import iso
from http_api.views import ConversationEntry, MemberOut, MessageOut, View


class PresenceOut(View):
    user_id: str
    status: Literal["online", "offline"]
    last_seen_at: str | None = Field(description="Null for somebody who was never connected.")

    @classmethod
    def of(cls, view: PresenceView) -> PresenceOut:
        return cls(
            user_id=view.user_id,
            status="online" if view.online else "offline",
            last_seen_at=iso(view.last_seen_at) if view.last_seen_at is not None else None,
        )


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
