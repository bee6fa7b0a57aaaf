"""What `scripts/capacity` is asked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from infra.capacity.figures import (
    BATCHINGS,
    RELAYED,
    Figures,
    Kind,
    weighted,
    with_authorizer,
)

CHANNELS = ("whatsapp", "instagram", "app")
MIX = {"whatsapp": 0.6, "instagram": 0.2, "app": 0.2}
DOC_RATE = 10_000_000.0
"""Messages a minute: the rate that docs/scale.md reckons with."""


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; a wrong one ends the program with its name and what it may be."""
    parser = argparse.ArgumentParser(
        prog="scripts/capacity",
        description="Units, concurrency, queues, partitions, cells and dollars for a rate of "
        "messages, from what a message was measured to take and AWS's quotas.",
    )
    add = parser.add_argument
    add("--messages-per-minute", type=_positive, metavar="N", help="the rate to plan for")
    add(
        "--mix",
        type=_mix,
        default=MIX,
        metavar="CHANNEL=SHARE,…",
        help=f"shares of {', '.join(CHANNELS)} (default whatsapp=0.6,instagram=0.2,app=0.2)",
    )
    add("--group-share", type=_share, default=0.0, help="how many messages go to groups, 0 to 1")
    add("--group-size", type=_group, default=10, help="members of a group, 3 to 100 (default 10)")
    add(
        "--batch",
        choices=BATCHINGS,
        default="mixed",
        help="1: every message alone; 10: ten share each call; mixed (default): requests come one "
        "by one, and queues hand on ten",
    )
    add(
        "--relayed",
        type=int,
        choices=RELAYED,
        default=RELAYED[0],
        help="changes that the relay gets at once: 40 with a batching window (default 4)",
    )
    add("--burst", type=_factor, default=1.0, help="busiest second over the mean, 1 or more")
    add("--json", type=_file, metavar="FILE", help="write the figures there as well")
    add("--simulate", action="store_true", help="bursts, hot conversations and an outage as well")
    add("--plots", type=_folder, metavar="DIR", help="simulate, and draw what happened there")
    add("--doc", action="store_true", help="write the figures of docs/scale.md anew")
    options = parser.parse_args(arguments)
    simulated = options.simulate or options.plots
    if options.messages_per_minute is None and not (options.doc or simulated):
        parser.error("say --messages-per-minute, --simulate, --plots or --doc")
    if options.json and options.messages_per_minute is None and not simulated:
        parser.error("--json has figures with --messages-per-minute, --simulate or --plots only")
    return options


def _file(text: str) -> Path:
    """Where a file can be written: to be told now, and not after a minute's work."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no file that could be written")
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} is no folder: {error.strerror}") from error
    return path


def _positive(text: str) -> float:
    value = _number(text)
    if not 0 < value <= 1e12:
        raise argparse.ArgumentTypeError(f"{text} is no rate: more than 0, at most 1e12")
    return value


def _factor(text: str) -> float:
    value = _number(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is no burst: from 1 to 1000")
    return value


def _share(text: str) -> float:
    value = _number(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share: from 0 to 1")
    return value


def _group(text: str) -> int:
    if not text.isdecimal() or not 3 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text} is no size of a group: from 3 to 100")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number") from error


def _mix(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in text.split(","):
        channel, equals, share = part.partition("=")
        if channel not in CHANNELS or not equals or channel in found:
            raise argparse.ArgumentTypeError(
                f"{part!r} is no share of a channel: each of {', '.join(CHANNELS)} once at most"
            )
        found[channel] = _share(share)
    if abs(sum(found.values()) - 1) > 1e-6:
        raise argparse.ArgumentTypeError(f"the shares make {sum(found.values()):g} and not 1")
    return found


def figures_of(
    options: argparse.Namespace, relayed: int | None = None, batch: str | None = None
) -> Figures:
    """The figures of a message of the mix that was asked for, counted anew; with another `relayed`
    or `batch` than was asked for, if one is given."""
    # the meter is the cost test's: the one place of infra that looks into tests
    from tests.support.kinds import measured

    at_once = relayed or options.relayed
    shares: list[tuple[float, Figures]] = []
    for channel, share in options.mix.items():
        for people, part in (
            (1, 1 - options.group_share),
            (options.group_size - 1, options.group_share),
        ):
            if share * part:
                kind = Kind(channel, people)
                shares.append((share * part, measured(kind, batch or options.batch)[at_once]))
    return with_authorizer(weighted(shares))
