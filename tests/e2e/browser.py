"""A real browser, headless, and a page in it that talks with the test. No automation library.

The page loads from a small server of the test's own, so its origin is never the API's. Its script
calls `await tell(name, data)`: the test gets that by `page.hears(name)`, and the script goes on
when the test calls `page.answer()`.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # containers and root have no sandbox; the pages are ours
    "--disable-gpu",
    "--disable-dev-shm-usage",  # 64 MB in a container
    "--no-proxy-server",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
)
FRAME = """<!doctype html><meta charset=utf-8><title>test</title><script>
const tell = async (name, data = null) =>
  (await fetch('/tell', {method: 'POST', body: JSON.stringify([name, data])})).json()
const failed = error => tell('failed', `${error?.stack ?? error}`)
addEventListener('error', event => failed(event.error ?? event.message))
addEventListener('unhandledrejection', event => failed(event.reason))
</script>"""


def find_browser() -> str:
    """The path of a Chromium.

    Raises:
        AssertionError: there is none; `scripts/test` installs one where there is apt-get.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise AssertionError(
        f"These tests need a Chromium on PATH (looked for {', '.join(BROWSERS)}). "
        "On Debian: apt-get install -y --no-install-recommends chromium"
    )


class Page:
    """What the script of a page and the test tell each other."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._told: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._answers: queue.Queue[Any] = queue.Queue()

    def hears(self, name: str, seconds: float = 60) -> Any:
        """What the script tells next, which must have this name.

        Raises:
            AssertionError: it told something else, an error of its own, or nothing in time.
        """
        try:
            told, data = self._told.get(timeout=seconds)
        except queue.Empty:
            tail = self._log.read_text(errors="replace")[-2000:]
            raise AssertionError(f"{seconds} s without {name!r}. The browser:\n{tail}") from None
        assert told == name, f"waited for {name!r}; the page told {told!r}: {data}"
        return data

    def answer(self, value: Any = None) -> None:
        """Let the script go on."""
        self._answers.put(value)

    def told(self, name: str, data: Any) -> Any:
        """For the server: hand this to the test and wait for its answer."""
        self._told.put((name, data))
        return self._answers.get()


@contextmanager
def opened(body: str, files: Mapping[str, bytes]) -> Iterator[Page]:
    """A browser with a page of this HTML; `files` are served beside it, by their paths."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Page(Path(folder) / "log")
        served = {"/": (FRAME + body).encode(), **files}
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(page, served))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with _browser(f"http://127.0.0.1:{server.server_port}/", Path(folder)):
                yield page
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def _browser(url: str, folder: Path) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [find_browser(), *FLAGS, f"--user-data-dir={folder / 'profile'}", url],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},  # it leaves nothing
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # all of its processes; it has nothing to save
        process.wait()


def _handler(page: Page, files: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            kind = "text/javascript" if self.path.endswith(".js") else "application/octet-stream"
            kind = "text/html" if self.path == "/" else kind
            self._answer(404 if content is None else 200, content or b"", kind)

        def do_POST(self) -> None:
            name, data = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._answer(200, json.dumps(page.told(name, data)).encode(), "application/json")

        def _answer(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
