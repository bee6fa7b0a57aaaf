"""WhatsApp, by the Cloud API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from chat4all.channels.graph import (
    configured,
    handshake,
    refused,
    signed_body,
    split_text,
)
from chat4all.channels.http import get_json, only_from, post_json, stream
from chat4all.channels.rendering import parts_of
from chat4all.channels.whatsapp import media, wire
from chat4all.channels.whatsapp.settings import Settings
from chat4all.delivery import Delivery, InboundUpdate, MediaPayload, StatusUpdate
from chat4all.errors import TryLater
from chat4all.message import TemplatePayload
from chat4all.ports import Attachment, Capabilities, Download, Media, Part

MAX_TEXT = 4096
MAX_CAPTION = 1024
"""Characters."""
MEDIA_HOSTS = ("fbsbx.com", "fbcdn.net")
"""Where Meta keeps what people send; our token goes nowhere else."""


class Channel:
    """Our message id travels in `biz_opaque_callback_data`: it comes back with every status, and
    so settles a send whose answer was lost."""

    capabilities = Capabilities(
        reports_delivered=True,
        reports_read=True,
        payloads=frozenset({"text", "template", "unsupported"}),
    )

    def __init__(self, read_settings: Callable[[], Mapping[str, Any]]) -> None:
        self._read_settings = read_settings

    @property
    def _settings(self) -> Settings:
        return configured(Settings, self._read_settings())

    def takes(self, content_type: str, size: int) -> bool:
        return media.media_kind(content_type, size) is not None

    def split(self, delivery: Delivery, attachment: Attachment | None = None) -> list[Part]:
        kind = media.media_kind(attachment.content_type, attachment.size) if attachment else None
        longest = MAX_CAPTION if kind in media.WITH_CAPTION else 0
        return parts_of(delivery, attachment, _split, longest)

    def send(self, delivery: Delivery, part: Part, *, final: bool) -> str:
        settings = self._settings
        # Receipts count for the last part: the others carry no opaque field of ours.
        opaque = delivery.opaque if final else ""
        if isinstance(part, Media):
            body = media.media_body(delivery.address, part, opaque)
        elif isinstance(delivery.payload, TemplatePayload):
            body = wire.template_body(delivery.address, delivery.payload, opaque)
        else:
            body = wire.text_body(delivery.address, part, opaque)
        account = delivery.account or settings.account
        answer = post_json(
            f"{settings.base_url}/{settings.api_version}/{account}/messages",
            body,
            {"authorization": f"Bearer {settings.access_token}"},
        )
        if answer.status != 200:
            raise refused(answer, wire.group_of)
        try:
            return str(answer.body["messages"][0]["id"])
        except (LookupError, TypeError) as error:
            raise TryLater("bad_answer", "A 200 without an id.", maybe_sent=True) from error

    @contextmanager
    def download(self, wanted: MediaPayload) -> Iterator[Download]:
        """In two steps: the media's address, which lives for minutes, then its bytes."""
        settings = self._settings
        token = {"authorization": f"Bearer {settings.access_token}"}
        answer = get_json(
            f"{settings.base_url}/{settings.api_version}/{quote(wanted.reference, safe='')}", token
        )
        if answer.status != 200:
            raise refused(answer, wire.group_of)
        found = media.media_address(answer.body)
        only_from(found.url, settings.base_url, MEDIA_HOSTS)
        with stream(found.url, token) as download:
            yield replace(download, sha256=found.sha256, content_type=None)

    def handshake(self, query: Mapping[str, str]) -> str:
        return handshake(query, self._settings.verify_token)

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return list(wire.updates(signed_body(body, headers, self._settings.app_secret)))


def _split(text: str) -> list[str]:
    return split_text(text, lambda part: len(part) <= MAX_TEXT, MAX_TEXT)
