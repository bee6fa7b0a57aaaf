"""Opaque cursors: where a listing goes on. Clients hand them back and read nothing into them."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from chat4all.errors import Invalid

MAX_LENGTH = 512


def encode(*values: str | int) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(cursor: str, *types: type, longest: int = MAX_LENGTH) -> Sequence[str | int]:
    """The values, of the types that are expected. Raises Invalid for any other text."""
    bad = Invalid("bad_cursor", "This cursor was not given by this listing.")
    if len(cursor) > longest:
        raise bad
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise bad from error
    if not isinstance(values, list) or [type(v) for v in values] != list(types):
        raise bad
    if any(isinstance(v, int) and not 0 <= v < 10**15 for v in values):
        raise bad
    return values
