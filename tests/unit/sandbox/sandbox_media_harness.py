"""What the tests of the sandbox's media share: links that can be fetched, and raw requests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3
from sandbox_harness import ACCOUNTS, TOKEN, SandboxClient, a_text, until

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 100
MIB = 1024 * 1024
PATH = f"/whatsapp/v23.0/{ACCOUNTS['whatsapp']}/media"


@dataclass
class Linked:
    """What one link answers; `cut` closes the connection before the last byte."""

    body: bytes = PNG
    mime_type: str = "image/png"
    status: int = 200
    location: str = ""
    cut: bool = False


class Links:
    """A web server whose answers a test chooses, each under a link of its own."""

    def __init__(self) -> None:
        self.answers: list[Linked] = []
        self.open = threading.Event()  # while it is not set, no link is answered
        self.open.set()
        links = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                links.open.wait(10)
                linked = links.answers[int(self.path.strip("/"))]
                self.send_response(linked.status)
                self.send_header("Content-Type", linked.mime_type)
                self.send_header("Content-Length", str(len(linked.body) + linked.cut))
                if linked.location:
                    self.send_header("Location", linked.location)
                self.end_headers()
                with suppress(ConnectionError):  # too large: the sandbox stops reading
                    self.wfile.write(linked.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def link(self, *answer: Any, **more: Any) -> str:
        self.answers.append(Linked(*answer, **more))
        return f"{self._base}/{len(self.answers) - 1}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def linking() -> Iterator[Links]:
    links = Links()
    yield links
    links.open.set()
    links.close()


def seen(
    sandbox: SandboxClient, address: str = "5511999990000", channel: str = "whatsapp"
) -> dict[str, Any]:
    """The media of the person's last message, once the sandbox is done with them."""
    until(lambda: sandbox.inbox(address, channel)[-1]["media"]["state"] != "fetching")
    media: dict[str, Any] = sandbox.inbox(address, channel)[-1]["media"]
    return media


def send(sandbox: SandboxClient, body: dict[str, Any]) -> str:
    """Send by WhatsApp what is taken; its id."""
    status, answer = sandbox.send("whatsapp", body)
    assert status == 200, answer
    return str(answer["messages"][0]["id"])


def an_image(link: str, kind: str = "image", **more: object) -> dict[str, Any]:
    return {**a_text(), "type": kind, kind: {"link": link, **more}}


def an_attachment(link: str, kind: str = "image") -> dict[str, Any]:
    attachment = {"type": kind, "payload": {"url": link}}
    return {"recipient": {"id": "igsid-1"}, "message": {"attachment": attachment}}


def upload(
    sandbox: SandboxClient, content: bytes, mime_type: str = "image/png", **fields: str
) -> tuple[int, Any]:
    """Put a file at WhatsApp's /media, as a form."""
    form = {"messaging_product": "whatsapp", **fields, "file": ("a.bin", content, mime_type)}
    body, content_type = urllib3.encode_multipart_formdata(form)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": content_type}
    answer = urllib3.request("POST", sandbox.url + PATH, body=body, headers=headers)
    return answer.status, answer.json()


def download(url: str, token: str = TOKEN) -> urllib3.BaseHTTPResponse:
    """Get bytes; raises urllib3's HTTPError when they end too soon."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return urllib3.request("GET", url, headers=headers, retries=False, timeout=5.0)
