"""Channel settings: one SecureString parameter per channel, `/chat4all/{stage}/channels/{name}`.

Its JSON has `base_url`, `api_version`, `account` and the channel's secrets
(docs/channels/); it is written by an operator or by `scripts/up`, never by the template.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chat4all.adapters.aws import available
from chat4all.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEPT_SECONDS = 300
"""A rotated secret is taken up within so long."""


class SsmChannelSettings:
    def __init__(
        self, client: SSMClient, stage: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._stage = stage
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def get(self, channel: str) -> Mapping[str, Any]:
        read_at, settings = self._kept.get(channel, (None, {}))
        now = self._monotonic()
        if read_at is None or now - read_at > KEPT_SECONDS:
            with available(f"settings of channel {channel}"):
                answer = self._client.get_parameter(
                    Name=f"/chat4all/{self._stage}/channels/{channel}", WithDecryption=True
                )
            try:
                settings = json.loads(answer["Parameter"]["Value"])
            except ValueError:  # its text would repeat the value, which is secret
                raise Unavailable(f"settings of channel {channel}: no JSON") from None
            self._kept[channel] = (now, settings)
        return settings
