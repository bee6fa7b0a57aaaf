"""The management side of a WebSocket API on a local port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class Gateway:
    """Keeps what is asked of it; `answers` has a status and the error's name, by connection."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, tuple[int, str]] = {}
        self.asked: list[tuple[str, str, bytes]] = []

    def posted(self, connection_id: str) -> list[dict[str, Any]]:
        return [
            json.loads(body)
            for method, path, body in self.asked
            if method == "POST" and unquote(path).endswith(f"/@connections/{connection_id}")
        ]


@contextmanager
def a_gateway() -> Iterator[Gateway]:
    made = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            made.asked.append((self.command, self.path, body))
            status, error = made.answers.get(self.path.rpartition("/")[2], (200, ""))
            self.send_response(status)
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.send_header("content-length", "0")
            self.end_headers()

        do_DELETE = do_POST

        def log_message(self, *given: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/local"
    yield made
    server.shutdown()
    server.server_close()
