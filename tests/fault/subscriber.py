"""A subscriber of webhooks that hears of every message, and can be killed and brought back."""

from __future__ import annotations

import json
import threading
from typing import Any

from infra.local.client import Api
from infra.local.receiver import Receiver


class Subscriber:
    """Registered once for all scenarios."""

    def __init__(self, api: Api) -> None:
        self.receiver = Receiver()
        self.receiver.start()
        body = {"url": self.receiver.url(), "types": ["message.accepted"]}
        api.ok("POST", "/v1/webhooks", body)
        self._lock = threading.Lock()
        self._known: list[dict[str, Any]] = []

    def events(self) -> list[dict[str, Any]]:
        """All that came, as often as it came. Signatures are looked at elsewhere."""
        with self._lock:
            fresh = self.receiver.deliveries()[len(self._known) :]
            self._known += [json.loads(delivery.body) for delivery in fresh]
            return self._known[:]

    def stop(self) -> None:
        self.receiver.stop()
