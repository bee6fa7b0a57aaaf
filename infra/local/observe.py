"""Serve the local stack's metrics at one address, as Prometheus reads them: `up --observe`."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server

from infra.local.emulator_metrics import FILE
from infra.local.home import Home
from infra.local.observe_read import Counted, Tail
from infra.local.observe_stack import Dollars, Processes, Queues
from infra.local.sandbox import channels

EVERY = 0.5
"""Seconds between looks at what is new."""


class Exporter:
    """Reads what the functions and the gRPC front count from now on."""

    def __init__(self, home: Home) -> None:
        known = home.read("local.json")
        stage, endpoint = known["stage"], known["aws_endpoint_url"]
        self._file = home.path / FILE
        self._file.touch(mode=0o600)  # from here on it is written
        self._functions, self._front = Tail(self._file), Tail(home.log("grpc"))
        for tail in (self._functions, self._front):
            tail.skip()
        counted = CollectorRegistry()
        self._counted = Counted(counted, stage, channels())
        self._registry = CollectorRegistry()
        for collector in (Queues(endpoint, stage), Processes(home), Dollars(counted)):
            self._registry.register(collector)
        self._registry.register(_All(counted))

    def serve(self, port: int) -> None:
        """On this machine alone, from another thread."""
        start_http_server(port, addr="127.0.0.1", registry=self._registry)

    def read(self) -> None:
        for tail in (self._functions, self._front):
            for line in tail.lines():
                self._counted.note(line)
        self._functions.renew()

    def end(self) -> None:
        """Nothing is written any more."""
        self._file.unlink(missing_ok=True)


class _All:
    """A registry as a collector of another one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.collect = registry.collect


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="of the stack")
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    exporter = Exporter(Home(options.home))
    exporter.serve(options.port)
    while not ending.is_set():
        exporter.read()
        ending.wait(EVERY)
    exporter.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
