"""Standard Webhooks 1.0: secrets, and the headers that prove who sent a body.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets as randomness
from collections.abc import Sequence

from chat4all.events import Event

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The standard asks for 24 to 64."""
USER_AGENT = "chat4all-webhooks/1"


def new_secret() -> str:
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def as_json(event: Event) -> bytes:
    """An event as it goes out. Half of a surrogate pair, which JSON can hold and UTF-8 cannot,
    becomes a question mark."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def mended(event: Event) -> Event:
    """The event that a receiver reads in `as_json`: the same one, as a rule."""
    found: Event = json.loads(as_json(event))
    return found


def signature(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `id.timestamp.body`; the timestamp in seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed.digest()).decode()


def signed_headers(
    secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """One signature for each secret, so that a receiver may know the old or the new one.

    `webhook_id` is the event's id: the same on every attempt.
    """
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(s, webhook_id, timestamp, body) for s in secrets),
    }
