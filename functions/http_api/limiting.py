"""A caller's minute, over HTTP: the headers that tell of it (draft-ietf-httpapi-ratelimit-headers,
in its older form of one header for each figure, which clients know)."""

from __future__ import annotations

from chat4all.access.limits import Allowance


def headers_of(allowance: Allowance | None) -> dict[str, str]:
    """None for a caller without a limit, who is told nothing."""
    if allowance is None:
        return {}
    return {
        "ratelimit-limit": str(allowance.limit),
        "ratelimit-remaining": str(allowance.remaining),
        "ratelimit-reset": str(allowance.reset),
    }
