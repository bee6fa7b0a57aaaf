"""./scripts/upload: a file to the API, as a user's, into a conversation."""

import argparse
import json
import mimetypes
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from infra.client.access import find_access
from infra.client.api import FilesApi
from infra.client.errors import ClientError, Rejected
from infra.client.events import Checking, Event, Notice, Sent, Started, Target, Uploaded
from infra.client.uploader import Uploader
from infra.local.home import Home

MIB = 1024 * 1024
INTERRUPTED = 130


class Speed(TransferSpeedColumn):
    """Nothing while there is none: a small file is one step, or is over before."""

    def render(self, task: Task) -> Text:
        known = (task.finished_speed or task.speed) is not None
        return super().render(task) if known else Text()


class Shown:
    """An upload's events as a progress bar on stderr; stdout is for what scripts read."""

    def __init__(self, console: Console, name: str) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
        )
        rates = (DownloadColumn(), Speed(), TimeRemainingColumn())
        # not into a pipe or a log
        watched = console.is_terminal
        self.progress = Progress(*columns, *rates, console=console, disable=not watched)
        self._task = self.progress.add_task(name, total=None, visible=False)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Started):
            self.progress.update(
                self._task, total=event.size, completed=event.present, visible=True
            )
        elif isinstance(event, Sent):
            self.progress.advance(self._task, event.bytes)
        elif isinstance(event, Checking):
            self.progress.update(self._task, description="checking")
        elif isinstance(event, Notice):
            self.progress.console.print(event.text, markup=False)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./scripts/upload", description=__doc__)
    parser.add_argument("path", type=Path, help="the file; the same command resumes it")
    parser.add_argument("--from", dest="sender", metavar="USER", help="whose file it is")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--conversation", metavar="ID", help="share it with these members")
    where.add_argument("--to", metavar="USER", help="send it to this user; needs --from")
    parser.add_argument("--caption", help="text of the message with the file")
    parser.add_argument("--content-type", help="default: what the name says")
    parser.add_argument("--part-size", type=float, metavar="MIB", help="5 to 64; default 8")
    parser.add_argument("--parallel", type=int, default=4, metavar="N", help="default 4")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    options = parser.parse_args(arguments)
    if options.to and not options.sender:
        parser.error("--to needs --from: who sends it")
    if options.caption and not (options.sender and (options.to or options.conversation)):
        parser.error("--caption needs --from, and --conversation or --to")
    if options.part_size is not None and not 5 <= options.part_size <= 64:
        parser.error("--part-size: 5 to 64 (MiB)")
    if not 1 <= options.parallel <= 64:
        parser.error("--parallel: 1 to 64")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    console = Console(stderr=True, highlight=False)
    try:
        uploaded = run(options, console)
    except Rejected as rejected:
        if options.json:
            print(json.dumps(_fields(rejected.file) | {"reason": rejected.reason}))
        console.print(str(rejected), markup=False)
        return 1
    except ClientError as error:
        console.print(str(error), markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. Run the same command again: it goes on from here.")
        return INTERRUPTED
    report(uploaded, options.json)
    return 0


def run(options: argparse.Namespace, console: Console) -> Uploaded:
    """Raises ClientError and KeyboardInterrupt."""
    home = Home.from_environment()
    api = FilesApi(find_access(home))
    name = options.path.name
    content_type = options.content_type or mimetypes.guess_type(name)[0]
    part_size = None if options.part_size is None else int(options.part_size * MIB)
    conversation = options.conversation
    if options.to:
        conversation = api.open_conversation(options.sender, options.to)
    shown = Shown(console, name)
    with shown.progress:
        return Uploader(api, home, options.parallel, part_size, shown).upload(
            Path(os.environ.get("CALLED_FROM", ".")) / options.path,
            content_type or "application/octet-stream",
            Target(options.sender, conversation, options.caption),
        )


def report(uploaded: Uploaded, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_fields(uploaded.file) | _sums(uploaded)))
        return
    rate = f", sent at {uploaded.mb_per_s:.0f} MB/s" if uploaded.mb_per_s >= 1 else ""
    print(
        f"{uploaded.file['file_id']} is {uploaded.file['status']}: {uploaded.seconds:.1f} s{rate}"
    )
    compared = "the same there as here" if uploaded.verified else "compared part by part only"
    print(f"CRC64NVME {uploaded.checksum}, {compared}")
    print(f"SHA-256   {uploaded.sha256}")
    if uploaded.message_id:
        print(f"Message   {uploaded.message_id}")


def _fields(file: dict[str, object]) -> dict[str, object]:
    return {name: file[name] for name in ("file_id", "status")}


def _sums(uploaded: Uploaded) -> dict[str, object]:
    return {
        "seconds": round(uploaded.seconds, 3),
        "mb_per_s": round(uploaded.mb_per_s, 1),
        "checksum": uploaded.checksum,
        "checksum_verified": uploaded.verified,
        "sha256": uploaded.sha256,
        "message_id": uploaded.message_id,
    }


if __name__ == "__main__":
    code = main()
    if code == INTERRUPTED:  # whatever a thread still waits for
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)
