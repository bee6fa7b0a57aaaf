"""The fake API and object store over HTTP.

As in reality both are at one address, so it sees whether a token ever goes to the store.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.fake_files_api import FakeFiles


class Handler(BaseHTTPRequestHandler):
    protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", 65536, True
    fake: FakeFiles

    def log_message(self, *_: Any) -> None:
        pass

    def reply(self, status: int, body: Any = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def error(self, status: int, code: str) -> None:
        self.reply(status, f"<Error><Code>{code}</Code></Error>".encode())

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, authorized = urlsplit(self.path).path, self.headers.get("Authorization")
        if path.startswith("/s3/"):
            if authorized:
                return self.error(400, "TokenSentToTheStore")
            return self.put_part(body) if self.command == "PUT" else self.get_content()
        given = json.loads(body) if body else {}
        if path == "/auth/token":
            return self.reply(200, {"access_token": self.fake.tokens[-1]})
        if self.fake.fails("token"):
            self.fake.tokens.append(f"token-{len(self.fake.tokens)}")
        if authorized != f"Bearer {self.fake.tokens[-1]}":
            return self.reply(401, {"code": "invalid_token"})
        if self.fake.fails("api_503"):
            return self.reply(503, {"code": "unavailable"})
        with self.fake.lock:
            self.reply_api(f"{self.command} {path}", given)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def reply_api(self, route: str, body: dict[str, Any]) -> None:
        fake = self.fake
        if route == "POST /v1/files/initiate":
            return self.reply(201, fake.initiate(body))
        if route == "POST /v1/conversations":
            fake.conversations.append(body["members"])
            return self.reply(201, {"conversation_id": "of-" + "-".join(body["members"])})
        if route == "POST /v1/messages":
            fake.messages.append(body)
            return self.reply(202, {"message_id": body["message_id"]})
        found = re.fullmatch(r"(\w+) /v1/files/([^/]+)(/\w+)?", route)
        if not found or found[2] not in fake.files:
            return self.reply(404, {"code": "file_not_found"})
        file_id = found[2]
        file = fake.files[file_id]
        match found[1], found[3]:
            case "GET", None:
                if "_then" in file:
                    file["status"] = file.pop("_then")
                self.reply(200, fake.view(file_id))
            case "GET", "/parts":
                first = int(parse_qs(urlsplit(self.path).query)["from"][0])
                numbers = range(first, min(file["part_count"], first + 2) + 1)
                self.reply(200, {"items": [fake.signed(file_id, n) for n in numbers]})
            case "POST", "/complete":
                self.reply(*fake.complete(file_id, body["checksum"]))
            case "DELETE", None:
                file["status"] = "ABORTED"
                self.reply(204, b"")
            case "GET", "/content":
                location = f"{fake.url}/s3/{file_id}?signed={fake.generation}"
                self.reply(302, b"", Location=location)

    def expired(self) -> bool:
        return parse_qs(urlsplit(self.path).query)["signed"] != [str(self.fake.generation)]

    def put_part(self, body: bytes) -> None:
        fake, (_, _, file_id, number) = self.fake, urlsplit(self.path).path.split("/")
        time.sleep(fake.slow)
        if fake.fails("cut"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        if fake.fails("store_503"):
            return self.error(503, "SlowDown")
        if fake.fails("expire"):
            fake.generation += 1
        if self.expired():
            return self.error(403, "AccessDenied")
        if fake.fails("lost"):
            return self.error(404, "NoSuchUpload")
        digest = base64.b64encode(hashlib.md5(body).digest()).decode()
        if fake.fails("damage") or digest != self.headers["Content-MD5"]:
            return self.error(400, "BadDigest")
        forgotten = fake.fails("forget")
        with fake.lock:
            fake.puts.append((file_id, int(number)))
            if not forgotten:
                fake.parts[file_id][int(number)] = body
        self.reply(200, b"", ETag=f'"{digest}"')

    def get_content(self) -> None:
        fake, asked = self.fake, self.headers.get("Range")
        fake.gets.append(asked)
        if fake.fails("expire"):
            fake.generation += 1
        if self.expired():
            return self.error(403, "AccessDenied")
        content = fake.contents[urlsplit(self.path).path.split("/")[2]]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if start >= len(content):
            return self.reply(416, b"", Content_Range=f"bytes */{len(content)}")
        given = content[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(given)))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cut = fake.fails("cut")
        self.wfile.write(given[: len(given) // 2] if cut else given)
        if cut:
            self.close_connection = True


@contextmanager
def serving() -> Iterator[FakeFiles]:
    fake = FakeFiles()
    handler = type("FakeHandler", (Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
