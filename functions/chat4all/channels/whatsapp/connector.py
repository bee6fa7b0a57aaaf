"""WhatsApp, by the Cloud API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chat4all.channels.graph import configured, handshake, refused, signed_body, split_text
from chat4all.channels.http import post_json
from chat4all.channels.rendering import rendered_text
from chat4all.channels.whatsapp import wire
from chat4all.channels.whatsapp.settings import Settings
from chat4all.delivery import Delivery, InboundUpdate, StatusUpdate
from chat4all.errors import TryLater
from chat4all.message import TemplatePayload
from chat4all.ports import Capabilities

MAX_TEXT = 4096
"""Characters."""


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

    def split(self, delivery: Delivery) -> list[str]:
        text = rendered_text(delivery)
        return split_text(text, lambda part: len(part) <= MAX_TEXT, MAX_TEXT)

    def send(self, delivery: Delivery, text: str, *, final: bool) -> str:
        settings = self._settings
        # Receipts count for the last part: the others carry no opaque field of ours.
        opaque = delivery.opaque if final else ""
        if isinstance(delivery.payload, TemplatePayload):
            body = wire.template_body(delivery.address, delivery.payload, opaque)
        else:
            body = wire.text_body(delivery.address, text, opaque)
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

    def handshake(self, query: Mapping[str, str]) -> str:
        return handshake(query, self._settings.verify_token)

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return list(wire.updates(signed_body(body, headers, self._settings.app_secret)))
