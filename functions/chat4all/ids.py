"""Identifiers: what clients may choose, and ids that derive from something, so that a repeat gets
the same one."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
import uuid
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

NAMESPACE = uuid.UUID("7c4a1f0e-6d0b-5a3e-9f57-c4a11c4a1100")
"""Namespace of every derived id (RFC 9562, version 5). Changing it would break idempotency."""


MAX_UNNORMALISED = 512
"""Characters. A longer text is too long for any id, whatever becomes of it."""
_HEX = re.compile(r"[0-9a-f]{32}")
LONGEST_UUID = 45
"""Characters, of the form `urn:uuid:…`."""


def normalised(value: Any) -> Any:
    """NFKC of a text, so that what looks the same and means the same is the same id. Only ids:
    what people write, names and files' names among it, stays as it was written, byte for byte."""
    if not isinstance(value, str) or value.isascii() or len(value) > MAX_UNNORMALISED:
        return value
    return unicodedata.normalize("NFKC", value)


def canonical_uuid(text: str) -> str:
    """The lower-case, hyphenated form of any UUID. Raises ValueError for anything else."""
    digits = text.lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if len(text) > LONGEST_UUID or not _HEX.fullmatch(digits):
        raise ValueError("this is no UUID")
    return str(uuid.UUID(digits))


Normalised = BeforeValidator(normalised)
_Uuid = Annotated[
    str,
    Normalised,
    AfterValidator(canonical_uuid),
    Field(json_schema_extra={"minLength": 32, "maxLength": LONGEST_UUID}),
]

UserId = Annotated[str, Normalised, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")]
"""Chosen by the client: letters, digits and `._:@+-`, 1 to 64 characters."""

MessageId = _Uuid
"""A UUID of any version, from the sender or from us; kept in its canonical form."""

ConversationId = _Uuid
FileId = _Uuid
WebhookId = _Uuid
ChannelName = Annotated[str, Normalised, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_ADDRESS = StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,128}$")
Address = Annotated[str, Normalised, _ADDRESS]
"""A person on a channel, as our clients name them, in the channel's own form: wa_id, IGSID, chat
id."""
ProviderAddress = Annotated[str, _ADDRESS]
"""The same as a provider names them. It is not normalised: two that differ are two people."""
IdempotencyKey = Annotated[str, Normalised, StringConstraints(pattern=r"^[!-~]{1,128}$")]
"""Chosen by the client: visible ASCII, 1 to 128 characters."""


def new_id() -> str:
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The same id for the same parts, for ever (UUIDv5)."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


def secret_id(key: bytes, *parts: str) -> str:
    """As `derived_id`, but nobody without the key can find out the parts by trying (UUIDv8)."""
    mac = int.from_bytes(hmac.digest(key, "\x1f".join(parts).encode(), "sha256")[:16])
    cleared = mac & ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=cleared | 8 << 76 | 2 << 62))


def deduplication_id(*parts: str) -> str:
    """An SQS deduplication id (at most 128 characters) that is the same for the same parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
