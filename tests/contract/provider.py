"""The provider sandbox as connectors and their callbacks meet it: over HTTP, and signed."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from chat4all.channels import channel_names, connector_class
from chat4all.delivery import Delivery
from chat4all.message import TextPayload
from chat4all.ports import Connector
from infra.local.aws import environment
from infra.local.home import REPO
from infra.local.processes import choose_port, start, wait_until_healthy

CHANNELS = sorted(channel_names())
IMITATED = [name for name in ("instagram", "whatsapp") if name in CHANNELS]

CONTENT_TYPES = (
    *("image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml"),
    *("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"),
    *("video/mp4", "video/3gpp", "video/webm", "video/ogg", "video/quicktime"),
    *("application/pdf", "application/msword", "application/vnd.ms-excel", "text/plain"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    *("text/html", "application/zip", "application/octet-stream"),
)
"""What people send each other."""


@dataclass(frozen=True)
class Facts:
    """What is published of a provider: its codes, and what its callbacks bring."""

    throttled: int
    no_such_person: int
    fails_later: int | None
    """The code of a failure that comes after acceptance, if there is such a thing."""
    gives_opaque_back: bool
    gives_names: bool
    document: str
    """The kind of media that a PDF is."""
    announces_urls: bool
    """Whether what a person sends comes with its URL; else with an id, to be asked about."""
    announces_digests: bool
    """Whether it comes with its SHA-256, so that a flaw is found out."""


FACTS = {
    "whatsapp": Facts(
        *(130429, 131026, 131026),
        gives_opaque_back=True,
        gives_names=True,
        document="document",
        announces_urls=False,
        announces_digests=True,
    ),
    "instagram": Facts(
        *(613, 551, None),
        gives_opaque_back=False,
        gives_names=False,
        document="file",
        announces_urls=True,
        announces_digests=False,
    ),
}


def settings_for(channel: str, **known: str) -> dict[str, str]:
    """Made-up values for whatever a channel must be told, and those that are given."""
    module = __import__(f"chat4all.channels.{channel}.settings", fromlist=["Settings"])
    required = [n for n, f in module.Settings.model_fields.items() if f.is_required()]
    return {name: f"made-up-{name}" for name in required} | known


def connector_for(channel: str, **known: str) -> Connector:
    settings = settings_for(channel, **known)
    return connector_class(channel)(lambda: settings)


def a_delivery(channel: str, address: str = "5511999990000", **other: Any) -> Delivery:
    fields: dict[str, Any] = {
        "message_id": str(uuid.uuid4()),
        "index": 0,
        "conversation_id": str(uuid.uuid4()),
        "seq": 1,
        "user_id": "bob",
        "channel": channel,
        "address": address,
        "payload": TextPayload(type="text", text="Good morning ✓"),
        "accepted_at": int(time.time() * 1000),
    }
    return Delivery(**fields | other)


class Sandbox:
    """One channel of the running sandbox, and a connector that speaks to it."""

    def __init__(self, url: str, channel: str) -> None:
        self.url = url
        self.channel = channel
        self._call("POST", "reset", {})
        self._call("DELETE", "faults")
        self.address = "55119" + str(uuid.uuid4().int)[:8]
        own = self._call("GET", "settings")[channel]
        self.account = own["account"]
        self.known = {k: own[k] for k in ("account", "access_token", "app_secret", "verify_token")}
        self.known["base_url"] = f"{url}/{channel}"
        self.connector = connector_for(channel, **self.known)
        self.settings(callback_url="", window_24h=False, batch_window=0.01)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        url = f"{self.url}/sandbox/{path}"
        with urlopen(Request(url, content, headers, method=method), timeout=10) as answer:
            return json.load(answer)

    def settings(self, **changes: Any) -> None:
        self._call("PUT", "settings", {self.channel: changes})

    def fault(self, kind: str, **more: Any) -> None:
        self._call("POST", "faults", {"channel": self.channel, "kind": kind, **more})

    def send(self, text: str = "Good morning ✓") -> str:
        return self.connector.send(self.delivery(), text, final=True)

    def handshake(self) -> bool:
        return bool(self._call("POST", "handshake", {"channel": self.channel})["ok"])

    def inbox(self) -> list[dict[str, Any]]:
        """What the person has received."""
        path = f"people/{quote(self.address)}/inbox?channel={self.channel}"
        items: list[dict[str, Any]] = self._call("GET", path)["items"]
        return items

    def loaded_inbox(self, patience: float = 5) -> list[dict[str, Any]]:
        """The same, once the provider has fetched what there is to fetch."""
        deadline = time.monotonic() + patience
        while True:
            items = self.inbox()
            loading = any(i["media"] and i["media"]["state"] == "fetching" for i in items)
            if not loading or time.monotonic() > deadline:
                return items
            time.sleep(0.01)

    def person_sends(self, media: Mapping[str, Any], **more: str) -> dict[str, Any]:
        """A file; where the provider has it, and its SHA-256 and size."""
        body = {"channel": self.channel, "media": media, **more}
        answer = self._call("POST", f"people/{quote(self.address)}/messages", body)
        found: dict[str, Any] = answer["media"]
        return found

    def person_writes(self, text: str, **more: str) -> str:
        body = {"channel": self.channel, "text": text, **more}
        return str(self._call("POST", f"people/{quote(self.address)}/messages", body)["id"])

    def wrote_hours_ago(self, hours: float) -> None:
        body = {"channel": self.channel, "hours_ago": hours}
        self._call("POST", f"people/{quote(self.address)}/window", body)

    def delivery(self, **other: Any) -> Delivery:
        return a_delivery(self.channel, self.address, **other)


@contextmanager
def running_sandbox(home: Path) -> Iterator[str]:
    """The sandbox on a port of its own; its address."""
    port = choose_port()
    url, log = f"http://127.0.0.1:{port}", home / "sandbox.log"
    command = [sys.executable, "serve.py", "--host", "127.0.0.1", "--port", str(port)]
    folder = REPO / "functions" / "provider_sandbox"
    process = start("sandbox", command, folder, environment(url), log)
    try:
        wait_until_healthy(process, f"{url}/sandbox/healthz", log)
        yield url
    finally:
        process.stop()
