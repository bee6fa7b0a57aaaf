"""A caller's minute, over HTTP: the headers that tell of it (draft-ietf-httpapi-ratelimit-headers,
in its older form of one header for each figure, which clients know)."""

from __future__ import annotations

from chat4all.access.limits import Allowance
from chat4all.bootstrap.access import limits
from chat4all.caller import Caller


def spend(caller: Caller, count: int = 1) -> dict[str, str]:
    """Headers for the answer; none for a caller without a limit.

    Raises:
        RateLimited: the minute has not so many left.
    """
    allowance = limits().take(caller, count)
    return {} if allowance is None else headers_of(allowance)


def headers_of(allowance: Allowance) -> dict[str, str]:
    return {
        "ratelimit-limit": str(allowance.limit),
        "ratelimit-remaining": str(allowance.remaining),
        "ratelimit-reset": str(allowance.reset),
    }
