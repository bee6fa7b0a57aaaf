"""A provider on a local port that has files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chat4all.channels import connector_class
from chat4all.ports import Connector


class Served:
    """What a provider answers by path: a status, headers, and a body that may be cut short."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.pause = 0.0
        """Seconds between one byte and the next."""
        self.asked: list[tuple[str, dict[str, str]]] = []


@contextmanager
def a_provider() -> Iterator[Served]:
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append((self.path, given))
            status, headers, body = served.answers[self.path]
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            if not served.pause:
                self.wfile.write(body)
                return
            for position in range(len(body)):
                self.wfile.write(body[position : position + 1])
                time.sleep(served.pause)

        def log_message(self, *given: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    yield served
    server.shutdown()
    server.server_close()


def a_connector(channel: str, url: str) -> Connector:
    """A channel that has its provider at this address."""
    settings = {
        "base_url": url,
        "account": "ours",
        "access_token": "token",
        "app_secret": "s",
        "verify_token": "v",
    }
    return connector_class(channel)(lambda: settings)
