"""Instagram Direct, by the Messaging API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chat4all.channels.graph import configured, handshake, refused, signed_body, split_text
from chat4all.channels.http import post_json
from chat4all.channels.instagram import wire
from chat4all.channels.instagram.settings import Settings
from chat4all.channels.rendering import rendered_text
from chat4all.delivery import Delivery, InboundUpdate, StatusUpdate
from chat4all.errors import TryLater
from chat4all.ports import Capabilities

MAX_TEXT_BYTES = 1000
"""Of UTF-8."""


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

    def split(self, delivery: Delivery) -> list[str]:
        text = rendered_text(delivery)
        return split_text(text, lambda part: len(part.encode()) <= MAX_TEXT_BYTES, MAX_TEXT_BYTES)

    def send(self, delivery: Delivery, text: str, *, final: bool) -> str:
        settings = self._settings
        account = delivery.account or settings.account
        answer = post_json(
            f"{settings.base_url}/{settings.api_version}/{account}/messages",
            wire.text_body(delivery.address, text),
            {"authorization": f"Bearer {settings.access_token}"},
        )
        if answer.status != 200:
            raise refused(answer, wire.group_of)
        provider_id = answer.body.get("message_id")
        if not isinstance(provider_id, str):
            raise TryLater("bad_answer", "A 200 without an id.", maybe_sent=True)
        return provider_id

    def handshake(self, query: Mapping[str, str]) -> str:
        return handshake(query, self._settings.verify_token)

    def parse(
        self, body: bytes, headers: Mapping[str, str]
    ) -> Sequence[StatusUpdate | InboundUpdate]:
        return list(wire.updates(signed_body(body, headers, self._settings.app_secret)))
