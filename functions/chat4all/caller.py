"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chat4all.conversation import Conversation
from chat4all.errors import Forbidden, Invalid, NotFound


class CallerKind(StrEnum):
    SERVICE = "service"
    """A program of the deployment's owner: it may act for every user."""
    USER = "user"
    """One person, with a short-lived token that a service minted for them."""


@dataclass(frozen=True)
class Caller:
    subject: str
    kind: CallerKind
    scopes: frozenset[str] = frozenset()
    requests_per_minute: int | None = None
    """How many requests that change something; None is as many as the stage lets through."""
    era: int = 0
    """Of a client's own token: the client's `era` when it was issued."""
    address: str = ""
    """Where the request came from, for the audit trail."""
    trace: str | None = None
    """The trace that the request belongs to, as `tracing.carried` keeps it."""

    @property
    def is_service(self) -> bool:
        return self.kind is CallerKind.SERVICE

    def must_be_service(self) -> None:
        if not self.is_service:
            raise Forbidden("service_only", "Only a service's token may do this.")

    def acting_as(self, user_id: str | None, field: str) -> str:
        """The user it speaks for: itself, or the one that a service names.

        Raises:
            Invalid: a service named nobody.
            Forbidden: a user named somebody else.
        """
        if self.is_service:
            if user_id is None:
                raise Invalid("user_required", f"A service must say for whom: `{field}`.")
            return user_id
        if user_id not in (None, self.subject):
            raise Forbidden("not_yourself", f"`{field}` must be the user of the token.")
        return self.subject

    def may_see(self, conversation: Conversation | None) -> Conversation:
        """The conversation, if the caller may know of it. Else it does not exist for them."""
        if conversation is None or not (self.is_service or self.subject in conversation.members):
            raise NotFound("conversation_not_found", "There is no such conversation.")
        return conversation
