"""`./scripts/bench`: figures and ratios, by sections; kept in a file, compared, put into README."""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from tests.bench import compare, readme, record
from tests.bench.output import out
from tests.bench.sections import SECTIONS


def main(arguments: list[str] | None = None) -> int:
    options = understood(arguments)
    complaints: list[str] = []
    try:
        if options.compare:
            compare.show(out, *map(record.load, options.compare))
            return 0
        complaints += measure(options)
        if options.readme:
            complaints += readme.write()
    except record.Unusable as error:
        complaints.append(str(error))
    return refuse("\n".join(complaints)) if complaints else 0


def understood(arguments: list[str] | None) -> argparse.Namespace:
    """Exits with 2 and says why when a part of the command would do nothing."""
    asked = parser()
    options = asked.parse_args(arguments)
    others = {name for name, value in vars(options).items() if value} - {"compare"}
    if options.compare and others:
        asked.error(f"--compare measures nothing, so it goes alone, without --{min(others)}")
    if options.plot and "workers" not in chosen(options):
        asked.error("--plot draws the section workers: add --workers")
    elsewhere = not options.json or options.json.resolve() != readme.FIGURES
    if options.readme and chosen(options) and elsewhere:
        asked.error("--readme tells what docs/figures.json has: add --json docs/figures.json")
    return options


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="scripts/bench", description="Without a section: imports, messages and cost."
    )
    found.add_argument("--quick", action="store_true", help="a fifth of the load")
    found.add_argument(
        "--json", metavar="FILE", type=Path, help="put the sections into that file of figures"
    )
    found.add_argument(
        "--readme", action="store_true", help="write README's figures from docs/figures.json"
    )
    found.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), type=Path, help="ratios of two files; no run"
    )
    found.add_argument("--plot", metavar="PNG", type=Path, help="draw the section workers there")
    sections = found.add_argument_group("sections")
    sections.add_argument("--all", action="store_true", help="every one of them")
    for name, section in SECTIONS.items():
        sections.add_argument(f"--{name}", action="store_true", help=section.about)
    return found


def measure(options: argparse.Namespace) -> list[str]:
    """Run the sections that were asked for, each into the file as soon as it is there; what failed,
    and what is wrong with the file now.

    Raises:
        Unusable: figures cannot be put there. Nothing was measured.
    """
    names = chosen(options)
    if options.json:
        record.check_place(options.json)  # better now than after some minutes
    if names:
        out.print(f"{record.of_machine(record.machine())}\n")
    failed = []
    for name in names:
        try:
            one(name, options)
        except Exception as error:  # half an hour of others must not be lost for it
            failed.append(f"{name}: {error}\n{''.join(traceback.format_exception(error))}")
    kept = options.json and options.json.exists()
    return failed + (record.faults(record.load(options.json)) if kept else [])


def one(name: str, options: argparse.Namespace) -> None:
    figures = SECTIONS[name].measure(options)
    if options.json:
        quick = options.quick and SECTIONS[name].shortened
        source = f"./scripts/bench --{name}{' --quick' * quick}"
        record.save(options.json, name, figures, source=source, quick=quick)


def chosen(options: argparse.Namespace) -> list[str]:
    """In the order of SECTIONS; those by default unless there is something else to do."""
    if options.all:
        return list(SECTIONS)
    named = [name for name in SECTIONS if getattr(options, name)]
    if named or options.readme:
        return named
    return [name for name, section in SECTIONS.items() if section.by_default]


def refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
