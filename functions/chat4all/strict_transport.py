"""HTTP Strict Transport Security (RFC 6797): a browser that has been here by TLS comes by TLS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TWO_YEARS = 63_072_000
"""Seconds."""


def strict_transport(event: Mapping[str, Any]) -> dict[str, str]:
    """The header for whoever came by TLS; a plain answer must not have it."""
    if (event.get("headers") or {}).get("x-forwarded-proto") != "https":
        return {}
    return {"strict-transport-security": f"max-age={TWO_YEARS}; includeSubDomains"}
