"""Start the sandbox with Chalice's own local server, made fit for a benchmark.

`chalice local` writes each answer in two packets with Nagle's algorithm on, which stalls a
kept-open connection by about 40 ms a request; it also logs every request and lets only five
connections wait. Nothing else differs.
"""

import argparse

from app import app
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    LocalChalice,
    LocalDevServer,
    ThreadedHTTPServer,
)
from chalicelib.sandbox import sandbox


class QuietHandler(ChaliceRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: headers and body leave in one packet

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a benchmark makes thousands of requests a second."""


class PatientServer(ThreadedHTTPServer):
    request_queue_size = 256


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
