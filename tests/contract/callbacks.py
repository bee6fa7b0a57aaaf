"""A receiver of callbacks, as receive_callback is one, and a web server for files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chat4all.delivery import InboundUpdate, MediaPayload, StatusUpdate
from chat4all.errors import Rejected
from chat4all.ports import Connector

Update = StatusUpdate | InboundUpdate


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

    def media(self) -> MediaPayload:
        """The file that a person has sent."""
        self.wait_for(
            lambda updates: any(isinstance(u.payload, MediaPayload) for u in inbound(updates))
        )
        [found] = [u.payload for u in inbound(self.updates) if isinstance(u.payload, MediaPayload)]
        return found

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


def inbound(updates: Sequence[Update]) -> list[InboundUpdate]:
    return [update for update in updates if isinstance(update, InboundUpdate)]


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

    with serving(Handler) as url:
        callbacks.url = f"{url}/webhook"
        yield callbacks


@dataclass
class Links:
    """Answers to GETs by their paths: status, headers and body. What it has not is a 404."""

    url: str = ""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def file(self, content: bytes, content_type: str) -> str:
        """A URL under which there is a file."""
        return self.answer(content, headers={"content-type": content_type})

    def answer(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> str:
        path = f"/file-{len(self.answers)}"
        self.answers[path] = status, headers or {}, body
        return f"{self.url}{path}?signed=1&for=a+provider"


@contextmanager
def serving_links() -> Iterator[Links]:
    links = Links()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            links.asked.append(path)
            status, headers, body = links.answers.get(path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(Handler) as links.url:
        yield links


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A real HTTP server on a port of its own, in a thread; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
