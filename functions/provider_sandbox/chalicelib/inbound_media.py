"""Media that a tester lets a person send: given as they are, or made up from a seed."""

import base64
from typing import Any

from .checks import only, text_in, whole
from .content import Content, Seeded, Shelf
from .errors import BadInput
from .library import Library
from .wire import Channel, WrittenMedia

_KNOWN = {"type", "mime_type", "filename", "caption", "content", "size", "seed"}
_MOST = 2 * 1024**3  # what WhatsApp lets people send each other


def words_of(given: dict[str, Any], channel: Channel) -> str | None:
    """What a person writes beside or instead of media: `text`, or else the media's caption.

    Raises:
        BadInput: no words and no media, or words where the channel's media have none.
    """
    media = given.get("media")
    if not isinstance(media, dict):
        return text_in(given, "text")
    words = text_in(given, "text", "") or text_in(media, "caption", "") or None
    rule = channel.media_rules.get(str(media.get("type")))
    if words and rule and not (rule.captioned or channel.text_beside_media):
        raise BadInput(f"{media['type']} has neither text nor caption on {channel.name}")
    return words


def read_media(
    given: object, channel: Channel, owner: str, library: Library, base: str
) -> WrittenMedia:
    """Keep what a person sends with the provider, which hands it out under `base`.

    Raises:
        BadInput: an unknown type or field, or neither content nor a size.
    """
    if not isinstance(given, dict):
        raise BadInput("media must be an object")
    only(given, _KNOWN, "media")
    kind = text_in(given, "type")
    if kind not in channel.media_rules:
        raise BadInput(f"media.type must be one of {', '.join(channel.media_rules)}")
    mime_type = text_in(given, "mime_type")
    filename = text_in(given, "filename", "") or None
    kept = library.keep(_content_of(given, mime_type, library.shelf), mime_type, owner)
    url = f"{base}/{channel.name}/cdn/{kept.id}"
    return WrittenMedia(kind, kept.id, url, mime_type, filename, kept.sha256, kept.size)


def _content_of(given: dict[str, Any], mime_type: str, shelf: Shelf) -> Content:
    if ("content" in given) == ("size" in given):
        raise BadInput("media needs either content, in base64, or a size, in bytes")
    if "size" in given:
        size = whole(given["size"], "media.size", low=1)
        if size > _MOST:
            raise BadInput(f"media.size must be at most {_MOST}")
        return Seeded(size, whole(given.get("seed", 0), "media.seed"), mime_type)
    try:
        raw = base64.b64decode(text_in(given, "content"), validate=True)
    except ValueError as problem:
        raise BadInput(f"media.content is not base64: {problem}") from problem
    room = shelf.room(len(raw))
    room.write(raw)
    return room.content()
