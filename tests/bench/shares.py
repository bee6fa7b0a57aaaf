"""Where the processors' time goes while messages go from accepted to READ:
`./scripts/bench --shares`.

Processor time per message is steadier than rates: what else the machine does changes it by a tenth
or two. It is read from /proc, so this needs Linux.
"""

from __future__ import annotations

import os
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local.client import Api
from infra.local.emulator_counts import COUNTS
from infra.local.home import Home
from infra.local.running import Addresses, processes
from tests.bench import chain, sampling

MESSAGES = 2000
SETTLED = 1.5  # seconds for what follows the last callback: the stream's function
TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def counted() -> Iterator[None]:
    """Emulators that start in this block count what they are asked for."""
    os.environ["CHAT4ALL_COUNT_CALLS"] = "1"
    try:
        yield
    finally:
        del os.environ["CHAT4ALL_COUNT_CALLS"]


def measure(addresses: Addresses, api: Api, messages: int = MESSAGES) -> dict[str, Any]:
    """Per message, of a warm stack: processor milliseconds by process, AWS calls and invocations;
    then, in a second burst, the shares of code by layer."""
    conversations = chain.people(api, 50)
    chain.burst(addresses, api, conversations, messages, chain.BATCH)  # all workers are there then
    time.sleep(SETTLED)
    before, counts = cpu(addresses), _counts(addresses)
    sent, seconds = chain.burst(addresses, api, conversations, messages, chain.BATCH)
    time.sleep(SETTLED)
    spent = cpu(addresses) - before
    calls = _named(addresses, _counts(addresses)["calls"] - counts["calls"])
    invocations = _counts(addresses)["invocations"] - counts["invocations"]
    found: dict[str, Any] = {
        "messages": messages,
        "to_read_per_second": messages / seconds,
        "accept_per_second": messages / sent.elapsed,
        "cpu_ms": {name: ms / messages for name, ms in spent.most_common()},
        "aws_calls": {name: number / messages for name, number in calls.most_common()},
        "invocations": {
            _short(addresses, name): number / messages for name, number in invocations.most_common()
        },
    }
    pids = [process.pid for process in processes(Home(Path(addresses.home)))]
    with sampling.sampled(pids) as samples:
        chain.burst(addresses, api, conversations, messages, chain.BATCH)
    found["layers"] = samples
    return found


def cpu(addresses: Addresses) -> Counter[str]:
    """Processor milliseconds so far, by kind of process: `emulator`, `sandbox`, `grpc`, a
    function's workers under its name, and this process as `generator`."""
    spent: Counter[str] = Counter()
    spent["generator"] = int(time.process_time() * 1000)
    for process in processes(Home(Path(addresses.home))):
        spent[process.name] += _spent(process.pid)
    for pid, variables in workers(addresses):
        spent[_short(addresses, variables["AWS_LAMBDA_FUNCTION_NAME"])] += _spent(pid)
    return spent


def workers(addresses: Addresses) -> list[tuple[int, dict[str, str]]]:
    """The processes that run functions, and their environments."""
    emulator = next(p.pid for p in processes(Home(Path(addresses.home))) if p.name == "emulator")
    found = []
    for child in Path(f"/proc/{emulator}/task").glob("*/children"):
        for pid in map(int, child.read_text().split()):
            try:
                raw = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it has ended
            variables = dict(v.split("=", 1) for v in raw.split("\0") if "=" in v)
            if "AWS_LAMBDA_FUNCTION_NAME" in variables:
                found.append((pid, variables))
    return found


def _spent(pid: int) -> int:
    """Milliseconds of processor time, its own and the system's for it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) * 1000 // TICK


def _counts(addresses: Addresses) -> dict[str, Counter[str]]:
    with urllib.request.urlopen(f"{addresses.aws_endpoint_url}{COUNTS}", timeout=10) as answer:
        return {name: Counter(value) for name, value in loads(answer.read()).items()}


def _named(addresses: Addresses, calls: Counter[str]) -> Counter[str]:
    """`route-message dynamodb.Query` instead of a key. What others called is not counted."""
    owners = {
        variables["AWS_ACCESS_KEY_ID"]: _short(addresses, variables["AWS_LAMBDA_FUNCTION_NAME"])
        for _, variables in workers(addresses)
    }
    named: Counter[str] = Counter()
    for name, number in calls.items():
        key, operation = name.split(" ", 1)
        if key in owners:
            named[f"{owners[key]} {operation}"] += number
    return named


def _short(addresses: Addresses, function: str) -> str:
    return function.removeprefix(f"chat4all-{addresses.stage}-")


def show(out: Console, found: dict[str, Any]) -> None:
    out.print(
        f"{found['messages']} messages, 25 a request: {found['accept_per_second']:.0f} accepted "
        f"and {found['to_read_per_second']:.0f} READ a second\n"
    )
    _show(out, "Processor milliseconds a message, by process", found["cpu_ms"])
    _show(out, "AWS calls a message", found["aws_calls"])
    _show(out, "Invocations a message", found["invocations"])
    for kind, layers in found["layers"].items():
        _show(out, f"Share of processor time, {kind}, %", layers, 1, total=False)


def _show(
    out: Console, title: str, figures: dict[str, float], digits: int = 3, total: bool = True
) -> None:
    table = Table(title=title, title_justify="left", min_width=70, show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:.{digits}f}")
    if total:
        table.add_row("together", f"{sum(figures.values()):.{digits}f}", style="bold")
    out.print(table)
