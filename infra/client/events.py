"""What an upload is told, what it tells meanwhile and what it ends with."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Started:
    """The upload is known to the API; so many of its bytes are there from an earlier run."""

    file_id: str
    size: int
    present: int


@dataclass(frozen=True)
class Sent:
    """Bytes of a part went out; a negative number: those did not arrive and will go again."""

    bytes: int


@dataclass(frozen=True)
class Notice:
    """What happened, for people."""

    text: str


@dataclass(frozen=True)
class Checking:
    """All bytes are there; the API looks at them."""


Event = Started | Sent | Notice | Checking


@dataclass(frozen=True)
class Target:
    """Whose file it is and where it goes. With a conversation, its members may fetch the file;
    with a user too, a message with it is sent there."""

    user_id: str | None = None
    conversation_id: str | None = None
    caption: str | None = None


@dataclass(frozen=True)
class Uploaded:
    file: dict[str, Any]
    """The API's view of it."""
    checksum: str
    sha256: str
    seconds: float
    """All of this run, the check and the message included."""
    mb_per_s: float
    """Million bytes a second while this run sent; 0 when everything was there."""
    message_id: str | None

    @property
    def verified(self) -> bool:
        """Whether the object store compared the checksum of the whole with its bytes. One that
        cannot has compared the MD5 of every part."""
        return bool(self.file.get("checksum_verified"))
