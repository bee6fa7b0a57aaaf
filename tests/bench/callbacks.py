"""What `receive_callback` does itself, without the queue: signature, parsing, splitting."""

from __future__ import annotations

import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Mapping

from chat4all.channels import connector_class

SECRET = "bench-app-secret"
SETTINGS = {
    "account": "1",
    "access_token": "-",
    "app_secret": SECRET,
    "verify_token": "-",
}


def measure(updates: int, runs: int = 50) -> Mapping[str, float]:
    """Milliseconds for one WhatsApp body with so many status updates."""
    statuses = [
        {
            "id": f"wamid.{number}",
            "status": "delivered",
            "timestamp": "1760000000",
            "recipient_id": "5511999990001",
            "biz_opaque_callback_data": f"00000000-0000-4000-8000-{number:012d}.0",
        }
        for number in range(updates)
    ]
    value = {"metadata": {"phone_number_id": "1"}, "statuses": statuses}
    entry = {"id": "WABA", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signature}"}
    channel = connector_class("whatsapp")(lambda: SETTINGS)
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        found = [update.outgoing() for update in channel.parse(body, headers)]
        times.append((time.perf_counter() - begun) * 1000)
        assert len(found) == updates
    return {"p50": statistics.median(times), "max": max(times)}
