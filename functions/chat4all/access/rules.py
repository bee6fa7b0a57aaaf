"""What an operation asks of its caller: one rule, whichever door the caller comes in by.

The tables: `api/access.py` has the routes, `realtime/access.py` the actions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from chat4all.caller import Caller, CallerKind
from chat4all.errors import Forbidden


class Who(StrEnum):
    ANYONE = "anyone"
    """Without a token."""
    CALLER = "caller"
    """Services and users."""
    SERVICE = "service"
    USER = "user"


@dataclass(frozen=True)
class Rule:
    who: Who
    scopes: frozenset[str] = frozenset()
    """All of them are needed."""
    stays: bool = False
    """What is done stays when the token has ended. So a service's client is looked up: it must
    still be one, with these scopes."""

    def admit(self, caller: Caller) -> None:
        """Raises Forbidden: the wrong kind of caller, or one whose token lacks a scope."""
        if self.who is Who.SERVICE:
            caller.must_be_service()
        if self.who is Who.USER and caller.kind is not CallerKind.USER:
            raise Forbidden("user_only", "Only a user's token may do this.")
        missing = sorted(self.scopes - caller.scopes)
        if missing:
            raise Forbidden(
                "insufficient_scope",
                f"The token lacks: {' '.join(missing)}.",
                scope=" ".join(sorted(self.scopes)),
            )


ANYONE = Rule(Who.ANYONE)


def caller(*scopes: str) -> Rule:
    return Rule(Who.CALLER, frozenset(scopes))


def service(*scopes: str) -> Rule:
    return Rule(Who.SERVICE, frozenset(scopes))


def lasting(rule: Rule) -> Rule:
    """The same, for what stays."""
    return replace(rule, stays=True)


def user(*scopes: str) -> Rule:
    return Rule(Who.USER, frozenset(scopes))
