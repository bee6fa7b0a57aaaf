"""What the providers do with media: keep uploads, hand them out, look at what is sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .errors import GraphError, MediaFailed
from .faults import ABOUT_DOWNLOADS, Faults
from .fetcher import fetch
from .library import Kept, Library
from .media_rules import LARGEST, check_upload
from .multipart import Body, Form, read_form
from .settings import CHANNELS, Settings
from .wire import Channel, Media


@dataclass(frozen=True, slots=True)
class Download:
    """An HTTP answer of `size` bytes, to be given after `wait` seconds.

    When the blocks end before `size`, the connection is to be closed there.
    """

    status: int
    mime_type: str
    size: int
    blocks: Iterable[bytes]
    wait: float = 0.0


class MediaDesk:
    def __init__(self, settings: Settings, faults: Faults) -> None:
        self._settings = settings
        self._faults = faults
        self.libraries = {name: Library() for name in CHANNELS}

    def load(self, channel: Channel, media: Media) -> Media:
        """The media of a send with what its bytes turned out to be. Fetches a link: it takes long.

        Raises:
            GraphError: the bytes cannot be had or sent, in the channel's words.
        """
        rule = channel.media_rules[media.type]
        try:
            if media.id is None:
                mime_type, size, sha256 = fetch(media.link or "", rule)
            else:
                kept = self.uploaded(channel.name, media.id)
                mime_type, size, sha256 = kept.mime_type, kept.size, kept.sha256.hex()
                rule.check_type(mime_type)
                rule.check_size(size)
        except MediaFailed as problem:
            raise channel.media_refused(problem) from problem
        return replace(media, mime_type=mime_type, size=size, sha256=sha256, state="fetched")

    def uploaded(self, name: str, media_id: str) -> Kept:
        """What this id stands for; raises GraphError for an unknown one, as Meta does."""
        kept = self.libraries[name].find(media_id)
        if kept is None:
            details = f"Unsupported request. Object with ID '{media_id}' does not exist"
            raise GraphError(100, details, subcode=33)
        return kept

    def upload(self, authorization: str, content_type: str, body: Body) -> dict[str, Any]:
        """Do what a POST to WhatsApp's /media asks for: keep a file under a new id.

        Raises:
            GraphError: no valid token, not the form it should be, or too large a file.
        """
        self._authorize(authorization)
        library = self.libraries["whatsapp"]
        room = library.shelf.room(min(body.left, LARGEST))
        try:
            form = read_form(body, content_type, room)
            mime_type = _type_of(form)
            check_upload(mime_type, room.size)
        except MediaFailed as problem:
            raise GraphError(131053, str(problem)) from problem
        return {"id": library.keep(room.content(), mime_type).id}

    def describe(self, authorization: str, media_id: str, base: str) -> dict[str, Any]:
        """WhatsApp's answer to GET /{media_id}; `base` is the address its url begins with.

        Raises:
            GraphError: no valid token, or no such media.
        """
        self._authorize(authorization)
        kept = self.uploaded("whatsapp", media_id)
        lifetime = self._settings.of("whatsapp").media_url_lifetime
        granted = self.libraries["whatsapp"].pass_for(media_id, lifetime)
        return {
            "messaging_product": "whatsapp",
            "url": f"{base}/whatsapp/lookaside/attachments?{granted}",
            "mime_type": kept.mime_type,
            "sha256": kept.sha256.hex(),
            "file_size": kept.size,
            "id": kept.id,
        }

    def attachment(self, authorization: str, query: dict[str, str]) -> Download:
        """The bytes behind a url that `describe` gave: 401 without the token, 404 too late."""
        if not self._settings.of("whatsapp").admits(authorization):
            return _refusal(401)
        media_id = query.get("mid", "")
        library = self.libraries["whatsapp"]
        kept = library.find(media_id)
        if not library.admits(media_id, query.get("ext", ""), query.get("hash", "")):
            return _refusal(404)
        return _refusal(404) if kept is None else self._hand_out("whatsapp", kept)

    def cdn(self, media_id: str) -> Download:
        """What a person sent us on Instagram; whoever knows the address may have it."""
        kept = self.libraries["instagram"].find(media_id)
        return _refusal(404) if kept is None else self._hand_out("instagram", kept)

    def _hand_out(self, name: str, kept: Kept) -> Download:
        whole = Download(200, kept.mime_type, kept.size, kept.content.blocks())
        fault = self._faults.take(name, kept.owner, *ABOUT_DOWNLOADS)
        if fault is None:
            return whole
        if fault.kind == "media_error":
            return _refusal(fault.status or 500)
        if fault.kind == "media_cut":
            return replace(whole, blocks=_first(kept.size // 2, whole.blocks))
        if fault.kind == "media_corrupt":
            return replace(whole, blocks=_with_flaw(kept.size // 2, whole.blocks))
        return replace(whole, wait=fault.seconds or 0.0)

    def _authorize(self, authorization: str) -> None:
        if not self._settings.of("whatsapp").admits(authorization):
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")

    def clear(self) -> None:
        for library in self.libraries.values():
            library.clear()


def _type_of(form: Form) -> str:
    if form.fields.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required: whatsapp")
    if form.file_type is None:
        raise GraphError(100, "The parameter file is required")
    return form.fields.get("type") or form.file_type


def _refusal(status: int) -> Download:
    return Download(status, "text/plain", 0, ())


def _first(count: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        yield block[:count]
        count -= len(block)
        if count <= 0:
            return


def _with_flaw(at: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes but for the one at this place."""
    for block in blocks:
        if 0 <= at < len(block):
            block = block[:at] + bytes([block[at] ^ 1]) + block[at + 1 :]
        at -= len(block)
        yield block
