"""Start the sandbox with Chalice's own local server, made fit for a benchmark and for large files.

`chalice local` writes each answer in two packets with Nagle's algorithm on, which stalls a
kept-open connection by about 40 ms a request; it also logs every request and lets only five
connections wait. And it holds every body whole in memory, where media are streamed here.
Nothing else differs.
"""

import argparse
import json
import time
from contextlib import suppress
from typing import Any

from app import app
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    LocalChalice,
    LocalDevServer,
    ThreadedHTTPServer,
)
from chalicelib.errors import HangUp
from chalicelib.media_desk import Download
from chalicelib.media_routes import download_at, is_upload, take_upload
from chalicelib.multipart import Body
from chalicelib.process import sandbox


class QuietHandler(ChaliceRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: headers and body leave in one packet

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a benchmark makes thousands of requests a second."""

    def handle_expect_100(self) -> bool:
        going_on = bool(super().handle_expect_100())
        self.wfile.flush()  # or curl waits a second before it uploads
        return going_on

    def do_GET(self) -> None:
        download = download_at(self.path, self.headers.get("authorization", ""))
        if download is None:
            self._generic_handle()
        else:
            self._stream(download)

    def do_POST(self) -> None:
        if not is_upload(self.path):
            self._generic_handle()
        elif (length := self.headers.get("content-length")) is None:
            self.close_connection = True  # a chunked body may follow, which nobody reads
            self._answer(411, {"error": {"message": "Content-Length is required"}})
        else:
            body = Body(self.rfile, int(length))
            kind, token = (self.headers.get(one, "") for one in ("content-type", "authorization"))
            status, answer = take_upload(token, kind, body)
            body.drain()
            self._answer(status, answer)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self._send_http_response(status, {"Content-Type": "application/json"}, json.dumps(body))

    def _stream(self, download: Download) -> None:
        """Raises HangUp, which closes the connection, when the bytes end too soon."""
        time.sleep(download.wait)
        self.send_response(download.status)
        self.send_header("Content-Type", download.mime_type)
        self.send_header("Content-Length", str(download.size))
        self.end_headers()
        left = download.size
        try:
            for block in download.blocks:
                self.wfile.write(block)
                left -= len(block)
            self.wfile.flush()
        except ConnectionError as problem:  # the client went away
            raise HangUp from problem
        if left:
            raise HangUp


class PatientServer(ThreadedHTTPServer):
    request_queue_size = 256

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with suppress(HangUp):  # the connection has been closed by now; no traceback is wanted
            super().process_request_thread(request, client_address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    options = parser.parse_args()
    sandbox()  # wrong settings are told now, not at the first request
    CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
    app.__class__ = CustomLocalChalice  # as chalice.local does: one request per thread
    server = LocalDevServer(app, Config(), options.host, options.port, QuietHandler, PatientServer)
    server.serve_forever()


if __name__ == "__main__":
    main()
