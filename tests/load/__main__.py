"""`./scripts/load`: send at a rate for some minutes, count what became of each message, and write
a report."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.table import Table

from infra.local.demo_home import own_home
from infra.local.home import Home, StackError
from infra.local.running import Addresses, require, started
from tests.load import arrivals, closed_model, report
from tests.load.open_model import Arrivals
from tests.load.running import SCENARIOS, Order, run

BATCHES = range(1, 26)
out = Console(highlight=False, width=110)


def main(arguments: list[str] | None = None) -> int:
    """0: all that was stored arrived, once and in order. 1: it did not. 2: it could not be run."""
    order, options = read(arguments)
    folder = Path(options.out).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if order.scenario != "open":
            closed_model.command()  # missing? Then say so before a stack is started.
        with _stack(options.running) as addresses, _until_ctrl_c() as stop:
            found = run(order, addresses, folder, stop, out.print)
    except (AssertionError, BotoCoreError, OSError, StackError, httpx.HTTPError) as error:
        out.print(f"[bold red]Failed:[/bold red] {error}", markup=True)
        return 2
    except KeyboardInterrupt:
        out.print("Given up: no report.")
        return 130
    figures = report.write(found, folder)
    show(figures)
    out.print(f"Report: {folder / 'report.html'}")
    return 1 if figures["findings"] or not figures["judged"] else 0


def read(arguments: list[str] | None = None) -> tuple[Order, argparse.Namespace]:
    """What was asked for. Ends the process with 2 and a sentence when it makes no sense."""
    parser = argparse.ArgumentParser(prog="scripts/load", description=__doc__)
    add = parser.add_argument
    add("--rate", type=_positive, default=20.0, help="messages a second (20)")
    add("--minutes", type=_positive, default=1.0, help="of sending (1)")
    add("--scenario", choices=SCENARIOS, default="open", help="open, or a closed model by Locust")
    add("--out", default="load-report", metavar="DIR", help="the report's folder (load-report)")
    add("--running", action="store_true", help="load the stack of ./scripts/up, not one of its own")
    add("--conversations", type=_whole, default=50, help="to send to (50)")
    add("--cold", action="store_true", help="begin without a warm-up")
    add("--slow-provider", type=_whole, default=0, metavar="MS", help="its answers take so long")
    of_open = parser.add_argument_group("open model")
    of_open.add_argument("--batch", type=_whole, default=1, help="messages of one request (1)")
    of_open.add_argument("--spread", choices=arrivals.SPREADS, default="poisson")
    of_open.add_argument("--hot", type=_share, default=0.0, help="share for one conversation (0)")
    of_open.add_argument("--seed", type=int, default=0)
    of_closed = parser.add_argument_group("closed models")
    of_closed.add_argument("--users", type=_whole, default=10, help="at a time (10)")
    of_closed.add_argument(
        "--unpaced", action="store_true", help="as fast as they are answered, whatever --rate says"
    )
    of_closed.add_argument("--file-kib", type=_whole, default=200, help="size of a file (200)")
    options = parser.parse_args(arguments)
    if options.batch not in BATCHES:
        parser.error("--batch: 1 to 25 messages go into a request")
    if not options.users or not options.conversations:
        parser.error(
            "--users: at least one" if not options.users else "--conversations: at least one"
        )
    if options.scenario == "open" and options.unpaced:
        parser.error("--unpaced is for closed models: an open one has its rate")
    if options.scenario != "open" and (options.batch > 1 or options.hot):
        parser.error("--batch and --hot are for the open model: leave out --scenario")
    if options.scenario == "websocket" and options.users > options.conversations:
        parser.error("--users: websocket users need a conversation each, see --conversations")
    plan = Arrivals(
        options.rate, options.minutes * 60, options.batch, options.spread, options.hot, options.seed
    )
    order = Order(
        scenario=options.scenario,
        arrivals=plan,
        users=options.users,
        conversations=options.conversations,
        paced=not options.unpaced,
        slow_provider_ms=options.slow_provider,
        warm=not options.cold,
        file_bytes=max(1, options.file_kib) * 1024,
    )
    return order, options


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is no whole number")
    return int(text)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share: say 0 to 1, such as 0.5")
    return number


@contextmanager
def _stack(running: bool) -> Iterator[Addresses]:
    """Raises StackError: none runs, or it did not start."""
    if running:
        yield require(Home.from_environment())
        return
    out.print("Starting a stack of its own …")
    with own_home() as home, started(home) as addresses:
        yield addresses


@contextmanager
def _until_ctrl_c() -> Iterator[Any]:
    """A question: was Ctrl-C pressed (or SIGTERM sent)? The second time it interrupts as ever."""
    pressed: list[int] = []

    def press(number: int, _: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        out.print("Stopping: no more is sent, the report comes. Again: no report.")

    before = {s: signal.signal(s, press) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(pressed)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def show(figures: dict[str, Any]) -> None:
    counts = Table(title="Messages", title_justify="left", min_width=50)
    for column in ("", "", "a second"):
        counts.add_column(column, justify="right" if column or counts.columns else "left")
    for row in report.count_rows(figures):
        counts.add_row(*map(str, row))
    out.print(counts)
    times = Table(title="Milliseconds from when it was due", title_justify="left", min_width=50)
    for column in ("", "p50", "p90", "p99"):
        times.add_column(column, justify="right" if column else "left")
    for row in report.latency_rows(figures):
        times.add_row(*map(str, row))
    out.print(times)
    deepest = ", ".join(f"{name} {depth}" for name, depth in list(figures["deepest"].items())[:4])
    out.print(f"Deepest queues: {deepest or 'none had any'}")
    out.print(report.judgement(figures))


if __name__ == "__main__":
    sys.exit(main())
