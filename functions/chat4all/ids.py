"""Identifiers: what clients may choose, and ids that derive from something, so that a repeat gets
the same one."""

from __future__ import annotations

import hashlib
import uuid
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

NAMESPACE = uuid.UUID("7c4a1f0e-6d0b-5a3e-9f57-c4a11c4a1100")
"""Namespace of every derived id (RFC 9562, version 5). Changing it would break idempotency."""


def canonical_uuid(text: str) -> str:
    """The lower-case, hyphenated form of any UUID. Raises ValueError for anything else."""
    return str(uuid.UUID(text))


UserId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,64}$")]
"""Chosen by the client: letters, digits and `._:@+-`, 1 to 64 characters."""

MessageId = Annotated[
    str, StringConstraints(min_length=32, max_length=45), AfterValidator(canonical_uuid)
]
"""A UUID of any version, from the sender or from us; kept in its canonical form."""

ConversationId = Annotated[
    str, StringConstraints(min_length=32, max_length=45), AfterValidator(canonical_uuid)
]
FileId = Annotated[
    str, StringConstraints(min_length=32, max_length=45), AfterValidator(canonical_uuid)
]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@+-]{1,128}$")]
"""A person on a channel, in the channel's own form: wa_id, IGSID, chat id."""


def new_id() -> str:
    return str(uuid.uuid4())


def derived_id(*parts: str) -> str:
    """The same id for the same parts, for ever (UUIDv5)."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


def deduplication_id(*parts: str) -> str:
    """An SQS deduplication id (at most 128 characters) that is the same for the same parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
