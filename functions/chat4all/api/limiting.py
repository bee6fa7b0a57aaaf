"""A caller's minute: the headers that tell of it (draft-ietf-httpapi-ratelimit-headers, in its
older form of one header for each figure, which clients know); over gRPC they are trailers."""

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
