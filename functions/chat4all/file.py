"""Files: what is known of them. Their bytes are in the object store and pass through no function
of ours on their way up or down; only what people send on channels is streamed in by one."""

from __future__ import annotations

import base64
import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from chat4all.ids import ConversationId, UserId

MIB = 1024 * 1024
MAX_SIZE = 2 * 1024 * MIB
"""Bytes in a file: 2 GiB."""
MIN_PART = 5 * MIB
"""S3 takes no smaller part, but for the last one."""
MAX_PART = 64 * MIB
DEFAULT_PART = 8 * MIB
UPLOAD_LASTS_MS = 24 * 3_600_000
"""An upload that is not complete by then is over: the bucket's lifecycle removes its parts."""
MAX_NAME_BYTES = 255

_frozen = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FileStatus(StrEnum):
    """UPLOADING ─▶ CHECKING ─▶ READY | REJECTED, UPLOADING ─▶ ABORTED, and READY ─▶ DELETED; of
    somebody who is erased, anything ─▶ DELETED."""

    UPLOADING = "UPLOADING"
    CHECKING = "CHECKING"
    READY = "READY"
    REJECTED = "REJECTED"
    ABORTED = "ABORTED"
    DELETED = "DELETED"


OVER = frozenset({FileStatus.REJECTED, FileStatus.ABORTED, FileStatus.DELETED})
"""There are no bytes, and there never will be."""


def media_type(text: str) -> str:
    """`type/subtype` in lower case, without parameters. Raises ValueError for anything else."""
    found = text.partition(";")[0].strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}", found):
        raise ValueError("Say type/subtype, as in image/png")
    return found


def crc64nvme(text: str) -> str:
    """Eight bytes in base64, as S3 writes this checksum. Raises ValueError for anything else."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        content = b""
    if len(content) != 8 or base64.b64encode(content).decode() != text:
        raise ValueError("A CRC64NVME is eight bytes in base64, as in rosUhgp5mIg=")
    return text


MediaType = Annotated[
    str, StringConstraints(min_length=3, max_length=255), AfterValidator(media_type)
]
Checksum = Annotated[str, StringConstraints(max_length=16), AfterValidator(crc64nvme)]
"""The CRC64NVME of the whole file, base64 of eight bytes."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewFile(BaseModel):
    """The body of `POST /v1/files/initiate`."""

    model_config = _frozen
    filename: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    size: int = Field(ge=1, description=f"Bytes, at most {MAX_SIZE}.")
    content_type: MediaType
    part_size: int = Field(DEFAULT_PART, ge=MIN_PART, le=MAX_PART)
    sha256: Sha256 | None = Field(None, description="Yours, in hex: kept and shown, not checked.")
    conversation_id: ConversationId | None = Field(
        None, description="Its members may fetch the file once it is READY."
    )
    user_id: UserId | None = Field(None, description="For services: whose file it is.")


class File(BaseModel):
    """What the table knows. `size` and `upload_id` are None while nobody knows them."""

    model_config = _frozen
    file_id: str
    owner: str | None = None
    """The user whose it is; None for the services of this deployment."""
    status: FileStatus = FileStatus.UPLOADING
    filename: str
    size: int | None = None
    content_type: str
    part_size: int = DEFAULT_PART
    upload_id: str | None = None
    verifies: bool = False
    """The object store compares a checksum of the whole file with the bytes it has."""
    checksum: str | None = None
    checksum_verified: bool = False
    sha256: str | None = None
    reason: str | None = None
    """Why it is REJECTED, ABORTED or DELETED, as a stable code; `detail` has the words."""
    detail: str | None = None
    origin: str | None = None
    """The channel that it came in by; None when it came over the API."""
    created_at: int

    @property
    def key(self) -> str:
        """Its place in the bucket: nothing of what a client said is in it."""
        return f"files/{self.file_id}"

    @property
    def part_count(self) -> int | None:
        return None if self.size is None else -(-self.size // self.part_size)

    def part_bytes(self, number: int) -> int | None:
        """The length of one part: all alike but for the last."""
        if self.size is None:
            return None
        return min(self.part_size, self.size - (number - 1) * self.part_size)

    @property
    def upload_expires_at(self) -> int:
        return self.created_at + UPLOAD_LASTS_MS


def clean_name(name: str) -> str:
    """A name that is safe to store, show and save under.

    Without control and direction characters, path separators, leading dots; at most 255 bytes
    of UTF-8, the extension kept. Never empty.
    """
    text = re.sub(r"[\\/:\x00]+", "_", name.encode("utf-8", "ignore").decode())
    # Cc: control, Cf: invisible formatting, with the marks that turn "gpj.exe" around,
    # Zl, Zp: line separators, Cs, Co, Cn: no characters at all
    text = "".join(c for c in text if unicodedata.category(c) not in _UNPRINTABLE)
    text = re.sub(r"^[\s.]+|[\s.]+$", "", text)
    return shortened(text or "file")


def shortened(name: str, most_bytes: int = MAX_NAME_BYTES) -> str:
    """At most so many bytes of UTF-8: the beginning, and the extension."""
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 32:
        stem, dot, extension = name, "", ""
    room = most_bytes - len((dot + extension).encode())
    short = stem.encode()[:room].decode(errors="ignore") + dot + extension
    return re.sub(r"[\s.]+$", "", short)


_UNPRINTABLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})


def readable_size(size: int) -> str:
    """`1.8 GB`: for people, so in thousands."""
    if size < 1000:
        return f"{size} bytes"
    for power, unit in ((1, "kB"), (2, "MB")):
        if size / 1000**power < 999.95:
            return f"{size / 1000**power:.1f} {unit}"
    return f"{size / 1000**3:.1f} GB"
