"""Ids that look like the providers' own: opaque, unique, and as long as the real ones."""

import base64
import secrets


def wamid(address: str, inbound: bool = False) -> str:
    """A WhatsApp message id: base64 of the person's number, a direction and 18 random digits."""
    direction = b"\x15\x02\x00\x12\x18\x12" if inbound else b"\x15\x02\x00\x11\x18\x12"
    number = address.encode()
    token = secrets.token_hex(9).upper().encode()
    raw = b"\x1c\x18" + bytes([len(number)]) + number + direction + token + b"\x00"
    return "wamid." + base64.b64encode(raw).decode()


def mid(account: str) -> str:
    """An Instagram message id."""
    raw = f"ig_dm_item:1:IGMessageID:{account}:{secrets.token_hex(16)}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def media_id() -> str:
    """An id of media: 16 digits, on either channel."""
    return str(10**15 + secrets.randbelow(9 * 10**15))


def trace_id() -> str:
    return "A" + secrets.token_urlsafe(16)
