"""Which statuses a message will report, when, and in what order."""

from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple

from .faults import Fault


class Planned(NamedTuple):
    delay: float
    status: str
    code: int | None


def plan(
    reports: tuple[str, ...], delays: Mapping[str, float | None], faults: Mapping[str, Fault]
) -> list[Planned]:
    """The statuses of one message. A later status is never planned before an earlier one,
    whatever the delays say, unless the fault `reorder` asks for it."""
    timed = [(name, delay) for name in reports if (delay := delays[name]) is not None]
    if failure := faults.get("fail_later"):
        timed = [(name, delay) for name, delay in timed if name == "sent"]
        timed.append(("failed", delays["delivered"] or 0.0))
    if skipping := faults.get("skip"):
        timed = [(name, delay) for name, delay in timed if name not in skipping.skip]
    names = [name for name, _ in timed]
    times = list(accumulate((delay for _, delay in timed), max))
    if "reorder" in faults:
        names.reverse()
    copies = faults["duplicate"].copies if "duplicate" in faults else 1
    return [
        Planned(time, name, failure.code if failure and name == "failed" else None)
        for time, name in zip(times, names, strict=True)
        for _ in range(copies)
    ]
