"""Users: who they are, whether they are there, and what is told of their erasure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chat4all.api.views.base import View
from chat4all.privacy.erasing import ERASED, REMAINS
from chat4all.realtime.presence import PresenceView
from chat4all.timestamps import iso
from chat4all.user import Identity, User


class UserOut(View):
    user_id: str
    name: str | None
    identities: list[Identity]
    created_at: str

    @classmethod
    def of(cls, user: User) -> UserOut:
        return cls(
            user_id=user.user_id,
            name=user.name,
            identities=list(user.identities),
            created_at=iso(user.created_at),
        )


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


class FactOut(View):
    what: str
    why: str


class WhenOut(View):
    what: str
    when: str


class ErasureOut(View):
    """What goes with a person who is erased, and what stays."""

    user_id: str
    status: Literal["erasing"] = "erasing"
    erased: list[WhenOut]
    remains: list[FactOut]

    @classmethod
    def of(cls, user_id: str) -> ErasureOut:
        return cls(
            user_id=user_id,
            erased=[WhenOut(what=fact.what, when=fact.when) for fact in ERASED],
            remains=[FactOut(what=fact.what, why=fact.why) for fact in REMAINS],
        )
