"""Instagram Direct, by the Messaging API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from chat4all.channels.graph import (
    configured,
    handshake,
    refused,
    signed_body,
    split_text,
)
from chat4all.channels.http import only_from, post_json, stream
from chat4all.channels.instagram import wire
from chat4all.channels.instagram.settings import Settings
from chat4all.channels.rendering import parts_of
from chat4all.delivery import Delivery, InboundUpdate, MediaPayload, StatusUpdate
from chat4all.errors import TryLater
from chat4all.ports import Attachment, Capabilities, Download, Media, Part

MAX_TEXT_BYTES = 1000
"""Of UTF-8."""
MEDIA_HOSTS = ("fbsbx.com", "fbcdn.net", "cdninstagram.com")
"""Where Meta keeps what people send; our token goes nowhere else."""


class Channel:
    """There is no field for an id of ours: receipts come back by the provider's id, and a send
    whose answer was lost may be repeated. Delivery is not reported; READ implies it."""

    capabilities = Capabilities(
        reports_delivered=False,
        reports_read=True,
        payloads=frozenset({"text", "unsupported"}),
    )

    def __init__(self, read_settings: Callable[[], Mapping[str, Any]]) -> None:
        self._read_settings = read_settings

    @property
    def _settings(self) -> Settings:
        return configured(Settings, self._read_settings())

    def takes(self, content_type: str, size: int) -> bool:
        return wire.media_kind(content_type, size) is not None

    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> list[Part]:
        return parts_of(delivery, attachment, _split)

    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        settings = self._settings
        account = delivery.account or settings.account
        answer = post_json(
            f"{settings.base_url}/{settings.api_version}/{account}/messages",
            wire.media_body(delivery.address, part)
            if isinstance(part, Media)
            else wire.text_body(delivery.address, part),
            {"authorization": f"Bearer {settings.access_token}"},
        )
        if answer.status != 200:
            raise refused(answer, wire.group_of)
        provider_id = answer.body.get("message_id")
        if not isinstance(provider_id, str):
            raise TryLater("bad_answer", "A 200 without an id.", maybe_sent=True)
        return provider_id

    @contextmanager
    def download(self, wanted: MediaPayload) -> Iterator[Download]:
        """By the address that the webhook gave; it is signed and lives for days."""
        only_from(wanted.reference, self._settings.base_url, MEDIA_HOSTS)
        with stream(wanted.reference, {}) as download:
            yield download

    def handshake(self, query: Mapping[str, str]) -> str:
        return handshake(query, self._settings.verify_token)

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return list(wire.updates(signed_body(body, headers, self._settings.app_secret)))


def _split(text: str) -> list[str]:
    return split_text(text, lambda part: len(part.encode()) <= MAX_TEXT_BYTES, MAX_TEXT_BYTES)
