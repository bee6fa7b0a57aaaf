"""What the sandbox's tests share: the sandbox as a process, and a receiver of its callbacks."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import urllib3

FOLDER = Path(__file__).parents[3] / "functions" / "provider_sandbox"
TOKEN, SECRET, VERIFY = "test-token", "test-secret", "test-verify"
PATIENT = urllib3.Timeout(total=5.0)
T = TypeVar("T")
ACCOUNTS = {"whatsapp": "1065403", "instagram": "178414"}


def until(look: Callable[[], T], seconds: float = 5.0) -> T:
    """The first true thing that `look` sees; the last false one when time is up."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return seen


class Receiver:
    """Stands for our webhook. `answers` are the statuses of the next POSTs; then 200."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((self.headers["X-Hub-Signature-256"], raw))
                self._answer(receiver.answers.pop(0) if receiver.answers else 200, "")

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                known = query["hub.verify_token"] == [VERIFY]
                self._answer(200 if known else 403, query["hub.challenge"][0])

            def _answer(self, status: int, body: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for _, raw in list(self.posts)]

    def values(self) -> list[dict[str, Any]]:
        """The `value` of every WhatsApp change, in the order they came."""
        entries = [entry for body in self.bodies() for entry in body["entry"]]
        return [change["value"] for entry in entries for change in entry.get("changes", [])]

    def statuses(self, message_id: str) -> list[str]:
        every = [status for value in self.values() for status in value.get("statuses", [])]
        return [status["status"] for status in every if status["id"] == message_id]

    def events(self) -> list[dict[str, Any]]:
        """Every Instagram messaging event, in the order they came."""
        entries = [entry for body in self.bodies() for entry in body["entry"]]
        return [event for entry in entries for event in entry.get("messaging", [])]


class SandboxClient:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._pool = urllib3.PoolManager(retries=False)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str = "",
        timeout: urllib3.Timeout = PATIENT,
    ) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._pool.request(
            method,
            self.url + path,
            headers=headers,
            body=None if body is None else raw,
            timeout=timeout,
        )
        return answer.status, json.loads(answer.data) if answer.data else None

    def tester(self, method: str, path: str, body: object = None) -> Any:
        status, answer = self.call(method, f"/sandbox/{path}", body)
        assert status == 200, answer
        return answer

    def send(
        self,
        channel: str,
        body: object,
        token: str = TOKEN,
        timeout: urllib3.Timeout = PATIENT,
    ) -> tuple[int, Any]:
        path = f"/{channel}/v23.0/{ACCOUNTS[channel]}/messages"
        return self.call("POST", path, body, token, timeout)

    def text(self, to: str = "5511999990000", text: str = "hello") -> str:
        """Send a WhatsApp text that is taken; its id."""
        status, answer = self.send("whatsapp", a_text(to, text))
        assert status == 200, answer
        return str(answer["messages"][0]["id"])

    def inbox(self, address: str, channel: str = "whatsapp") -> list[dict[str, Any]]:
        items = self.tester("GET", f"people/{address}/inbox?channel={channel}")["items"]
        return list(items)

    def fault(self, kind: str, channel: str = "whatsapp", **more: object) -> None:
        self.tester("POST", "faults", {"channel": channel, "kind": kind, **more})

    def begin(self, receiver: Receiver) -> None:
        """Forget all, and report to this receiver with short delays."""
        self.tester("POST", "reset")
        common = {"access_token": TOKEN, "app_secret": SECRET, "verify_token": VERIFY}
        common |= {"callback_url": receiver.url}
        quick = {"delays": {"sent": 0.0, "delivered": 0.02, "read": 0.04}, "batch_size": 100}
        quick |= {"batch_window": 0.01, "window_24h": False}
        channels = {name: {**common, **quick, "account": a} for name, a in ACCOUNTS.items()}
        self.tester("PUT", "settings", channels)


def a_text(to: str = "5511999990000", text: str = "hello", **more: object) -> dict[str, Any]:
    body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}}
    return {**body, **more}


def an_instagram_text(text: str = "hello", **more: object) -> dict[str, Any]:
    return {"recipient": {"id": "igsid-1"}, "message": {"text": text}, **more}


@contextmanager
def running(*command: str, **environment: str) -> Iterator[SandboxClient]:
    """The sandbox, started by a command that takes --port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *command, "--host", "127.0.0.1", "--port", str(port)],
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client = SandboxClient(port)
        assert until(lambda: _is_up(client), seconds=10), "the sandbox did not start"
        yield client
    finally:
        process.terminate()
        process.wait(timeout=5)


def _is_up(client: SandboxClient) -> bool:
    try:
        return client.call("GET", "/sandbox/healthz")[0] == 200
    except urllib3.exceptions.HTTPError:
        return False
