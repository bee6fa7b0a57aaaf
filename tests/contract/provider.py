"""The provider sandbox as connectors and their callbacks meet it: over HTTP, and signed."""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from urllib.request import Request, urlopen

from chat4all.channels import channel_names, connector_class
from chat4all.delivery import Delivery, InboundUpdate, StatusUpdate
from chat4all.errors import Rejected
from chat4all.message import TextPayload
from chat4all.ports import Connector
from infra.local.aws import environment
from infra.local.home import REPO
from infra.local.processes import choose_port, start, wait_until_healthy

Update = StatusUpdate | InboundUpdate
CHANNELS = sorted(channel_names())
IMITATED = [name for name in ("instagram", "whatsapp") if name in CHANNELS]


@dataclass(frozen=True)
class Facts:
    """What is published of a provider: its codes, and what its callbacks bring."""

    throttled: int
    no_such_person: int
    fails_later: int | None
    """The code of a failure that comes after acceptance, if there is such a thing."""
    gives_opaque_back: bool
    gives_names: bool


FACTS = {
    "whatsapp": Facts(130429, 131026, 131026, gives_opaque_back=True, gives_names=True),
    "instagram": Facts(613, 551, None, gives_opaque_back=False, gives_names=False),
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
    port = choose_port(None)
    url, log = f"http://127.0.0.1:{port}", home / "sandbox.log"
    command = [sys.executable, "serve.py", "--host", "127.0.0.1", "--port", str(port)]
    folder = REPO / "functions" / "provider_sandbox"
    process = start("sandbox", command, folder, environment(url), log)
    try:
        wait_until_healthy(process, f"{url}/sandbox/healthz", log)
        yield url
    finally:
        process.stop()


class Callbacks:
    """Receives callbacks as receive_callback does, and keeps what the connector made of them."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.updates: list[Update] = []
        self.raw: list[tuple[bytes, dict[str, str]]] = []
        self.refused: list[str] = []
        self.url = ""

    def wait_for(self, enough: Callable[[Sequence[Update]], bool], patience: float = 5) -> None:
        deadline = time.monotonic() + patience
        while not enough(self.updates) and time.monotonic() < deadline:
            time.sleep(0.01)

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            self.updates += self.connector.parse(body, headers)
        except Rejected as error:
            self.refused.append(error.code)
            return error.status
        self.raw.append((body, headers))
        return 200

    def verify(self, query: dict[str, str]) -> tuple[int, str]:
        try:
            return 200, self.connector.handshake(query)
        except Rejected as error:
            return error.status, error.code


@contextmanager
def receiving(connector: Connector) -> Iterator[Callbacks]:
    """A real HTTP server for callbacks, in a thread."""
    callbacks = Callbacks(connector)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(callbacks.take(body, headers), "ok")

        def do_GET(self) -> None:
            self._answer(*callbacks.verify(dict(parse_qsl(urlsplit(self.path).query))))

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    callbacks.url = f"http://127.0.0.1:{server.server_port}/webhook"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield callbacks
    finally:
        server.shutdown()
        server.server_close()
