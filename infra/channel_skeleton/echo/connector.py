"""Echo, a channel that works as it stands: change it into yours step by step.

The contract suite (tests/contract) finds it by itself; run it as you go:
`./scripts/test tests/contract -k echo`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from chat4all.channels.graph import configured, handshake, refused, signed_body, split_text
from chat4all.channels.http import post_json
from chat4all.channels.rendering import parts_of
from chat4all.delivery import Delivery, InboundUpdate, MediaPayload, StatusUpdate
from chat4all.errors import TryLater, Undeliverable
from chat4all.ports import Attachment, Capabilities, Download, Media, Part

from . import wire
from .settings import Settings

MAX_TEXT = 4096
"""Characters that the provider takes at once."""


class Channel:
    # 1. What the channel can do. The core decides nothing by a channel's name.
    capabilities = Capabilities(
        reports_delivered=True,
        reports_read=True,
        payloads=frozenset({"text", "unsupported"}),
    )

    def __init__(self, read_settings: Callable[[], Mapping[str, Any]]) -> None:
        # Nothing is read yet: settings are asked for when they are needed, and may change.
        self._read_settings = read_settings

    @property
    def _settings(self) -> Settings:
        return configured(Settings, self._read_settings())

    # 2. The files that the channel carries. People get a link to the others, in a text.
    def takes(self, content_type: str, size: int) -> bool:
        return False

    # 3. The parts to send. One text over the limit becomes several, in order; a file that the
    #    channel takes is one `Media`, with its words or after them.
    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> list[Part]:
        return parts_of(delivery, attachment, _split)

    # 4. Send one part; answer the provider's id for it. `post_json` and `refused` raise
    #    TryLater and Undeliverable by wire.group_of. A 200 that says nothing may have been sent.
    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        if isinstance(part, Media):
            raise Undeliverable("media_not_supported", "takes() said so.")
        settings = self._settings
        answer = post_json(
            f"{settings.base_url}/{delivery.account or settings.account}/messages",
            wire.text_body(delivery.address, part, delivery.opaque if final else ""),
            {"authorization": f"Bearer {settings.access_token}"},
        )
        if answer.status != 200:
            raise refused(answer, wire.group_of)
        provider_id = answer.body.get("id")
        if not isinstance(provider_id, str):
            raise TryLater("bad_answer", "A 200 without an id.", maybe_sent=True)
        return provider_id

    # 5. What a person sent beside text: opened to be streamed, see channels.http.stream. Only
    #    needed if `parse` gives a MediaPayload.
    def download(self, wanted: MediaPayload) -> AbstractContextManager[Download]:
        raise Undeliverable("media_not_supported", "This channel brings no files.")

    # 6. The provider verifies our URL with a GET.
    def handshake(self, query: Mapping[str, str]) -> str:
        return handshake(query, self._settings.verify_token)

    # 7. A callback: the signature first, on the raw bytes; then what it says.
    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return list(wire.updates(signed_body(body, headers, self._settings.app_secret)))


def _split(text: str) -> list[str]:
    return split_text(text, lambda part: len(part) <= MAX_TEXT, MAX_TEXT)
