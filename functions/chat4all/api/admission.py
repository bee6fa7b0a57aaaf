"""What every door asks before it does anything: may the caller, and how many came before."""

from __future__ import annotations

from chat4all.access.limits import Allowance
from chat4all.access.rules import Rule
from chat4all.bootstrap.access import limits, standing
from chat4all.caller import Caller


def may(rule: Rule, caller: Caller) -> None:
    """Whether this caller may call what has this rule. It costs them nothing of their minute.

    Raises:
        Forbidden: the wrong kind of caller, or its token or its client lacks a scope.
        Unauthenticated: what is done would stay, and the client was revoked.
        Unavailable: the table did not say.
    """
    rule.admit(caller)
    if rule.stays:
        standing().must_still(caller, rule.scopes)


def spend(caller: Caller, count: int = 1) -> Allowance | None:
    """Count requests that change something. None for a caller without a limit.

    Raises:
        RateLimited: the minute has not so many left.
        Unavailable: the table did not say.
    """
    return limits().take(caller, count)
