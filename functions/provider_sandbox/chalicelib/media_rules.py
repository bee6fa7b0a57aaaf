"""How large media may be, and of what types, as the providers publish it."""

from collections.abc import Mapping
from typing import NamedTuple

from .errors import MediaFailed

MIB = 1024 * 1024  # Meta writes MB without saying which; this is the larger reading
LARGEST = 100 * MIB


class MediaRule(NamedTuple):
    """What one type of message takes.

    most: bytes.
    types: MIME types; one that ends in / stands for its family; none at all takes everything.
    captioned: whether a caption may come with it.
    """

    most: int
    types: tuple[str, ...] = ()
    captioned: bool = False

    def check_type(self, mime_type: str) -> None:
        """Raises MediaFailed when the provider does not take this type here."""
        families = tuple(one for one in self.types if one.endswith("/"))
        if self.types and mime_type not in self.types and not mime_type.startswith(families or " "):
            problem = f"{mime_type or 'a missing content type'} is not one of"
            raise MediaFailed(f"{problem} {', '.join(self.types)}", unsuitable=True)

    def check_size(self, size: int) -> None:
        """Raises MediaFailed when this is more bytes than the provider takes here."""
        if size > self.most:
            raise MediaFailed(f"larger than {self.most} bytes", unsuitable=True)


_AUDIO = ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg")

WHATSAPP: Mapping[str, MediaRule] = {
    "image": MediaRule(5 * MIB, ("image/jpeg", "image/png"), captioned=True),
    "video": MediaRule(16 * MIB, ("video/mp4", "video/3gpp"), captioned=True),
    "audio": MediaRule(16 * MIB, _AUDIO),
    "document": MediaRule(LARGEST, captioned=True),
    "sticker": MediaRule(500 * 1024, ("image/webp",)),
}
INSTAGRAM: Mapping[str, MediaRule] = {
    "image": MediaRule(8 * MIB, ("image/jpeg", "image/png", "image/gif")),
    "video": MediaRule(25 * MIB, ("video/",)),
    "audio": MediaRule(25 * MIB, ("audio/", "video/mp4")),
    "file": MediaRule(25 * MIB, ("application/pdf",)),
}


def check_upload(mime_type: str, size: int) -> None:
    """What WhatsApp takes at /media: the limit is that of the first type this MIME type suits.

    Raises:
        MediaFailed: too large.
    """
    narrow = (rule for rule in WHATSAPP.values() if mime_type in rule.types)
    next(narrow, WHATSAPP["document"]).check_size(size)
