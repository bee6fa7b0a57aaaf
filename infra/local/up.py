"""Start the local stack, with its REST, WebSocket and gRPC APIs. In the foreground it runs until
Ctrl-C; --detach leaves it running."""

import argparse
import signal
import sys
import time
from dataclasses import replace

from infra.local import observing, running
from infra.local.home import Home, StackError


def show(addresses: running.Addresses) -> None:
    """Print for a person what runs where."""
    ca = f"  CA           {addresses.ca_file}\n" if addresses.ca_file else ""
    by_tls = " (TLS)" if addresses.ca_file else ""
    aws = f"{addresses.aws_endpoint_url} ({addresses.emulator}, {addresses.region})"
    print(
        f"  API          {addresses.api_url}\n"
        f"  docs         {addresses.api_url}/docs\n"
        f"  WebSocket    {addresses.sockets_url}\n"
        f"  gRPC         {addresses.grpc_address}{by_tls}\n"
        f"  sandbox      {addresses.sandbox_url}\n"
        f"{ca}"
        f"  AWS          {aws}\n"
        f"  client id    {addresses.client_id}\n"
        f"{_observed(addresses)}"
        f"  all of it    {addresses.home}/{running.FILE}",
        flush=True,
    )


def _observed(addresses: running.Addresses) -> str:
    if not addresses.metrics_url:
        return ""
    prometheus = f"  Prometheus   {addresses.prometheus_url or observing.HOW}\n"
    return f"  metrics      {addresses.metrics_url}\n{prometheus}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/up", description=__doc__)
    parser.add_argument("--detach", action="store_true", help="return once it runs")
    parser.add_argument("--emulator", choices=running.EMULATORS, default="ministack")
    parser.add_argument("--tls", action="store_true", help="TLS everywhere, by a CA of this home")
    parser.add_argument("--fresh", action="store_true", help="forget what was stored before")
    parser.add_argument("--observe", action="store_true", help="serve metrics, for Prometheus")
    options = parser.parse_args()
    home = Home.from_environment()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        with home.locked():
            if addresses := running.find(home):
                if bool(addresses.ca_file) != options.tls:
                    says = "with TLS" if addresses.ca_file else "without TLS"
                    raise StackError(
                        f"Chat4All runs already, started {says}: ./scripts/down comes first."
                    )
                if options.observe:
                    addresses = replace(addresses, **observing.observe(home))
                print("Chat4All runs already:")
                show(addresses)
                return 0
            running.stop(home)  # what a crash may have left
            if options.fresh:
                home.forget()
            began = time.monotonic()
            addresses = running.start(home, options.emulator, with_tls=options.tls)
            if options.observe:
                addresses = replace(addresses, **observing.observe(home))
        print(f"Chat4All runs ({time.monotonic() - began:.1f} s):")
        show(addresses)
        return 0 if options.detach else _attend(home)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _attend(home: Home) -> int:
    print("Ctrl-C stops it.", flush=True)
    try:
        while running.find(home):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    ended_by_itself = running.find(home) is None and bool(home.read(running.FILE)["processes"])
    with home.locked():
        running.stop(home)
    print("Stopped." if not ended_by_itself else f"It ended; see {home.path}/*.log")
    return 1 if ended_by_itself else 0


if __name__ == "__main__":
    sys.exit(main())
