"""Demonstration 5 on a stack of its own: a large file, interrupted, resumed, sent to another
channel, fetched there and compared. Ends with 0 only if every step really happened.

The speed is given as a ratio to boto3's own multipart upload of the same file to the same store.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from boto3.s3.transfer import TransferConfig

from infra.client.access import NAMES
from infra.local import aws, running
from infra.local.client import Api, Sandbox, wait_until
from infra.local.demo_figures import report
from infra.local.demo_home import own_home
from infra.local.demo_output import check, out
from infra.local.home import Home, StackError
from infra.local.memory import Peaks, watching
from infra.local.running import Addresses, started

BLOCK = 1024 * 1024
PART = 8 * BLOCK
KILLED_AT = 40  # percent
DAVI, CARLA = "17841400000005", "5511999990005"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/demo-file", description=__doc__)
    parser.add_argument("--size", type=size_of, default=size_of("1.8GB"), help="default 1.8GB")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    options = parser.parse_args(arguments)
    try:
        with own_home() as temporary:
            figures = show(temporary, options.size)
    except (AssertionError, StackError) as error:
        out.print(f"[bold red]Failed:[/bold red] {error}")
        return 1
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))
    out.print("[bold green]Every step happened.[/bold green]")
    return 0


def size_of(text: str) -> int:
    """`1.8GB`, `500MB`, `64MiB` or bytes."""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("GB", 10**9), ("MB", 10**6)):
        if text.endswith(unit):
            return int(float(text.removesuffix(unit)) * factor)
    return int(text)


def show(temporary: Path, size: int) -> dict[str, Any]:
    out.print(f"[bold]Chat4All[/bold]: a file of {size:,} bytes. Making it, starting a stack …")
    file = temporary / "holiday film.bin"
    sha256 = timed("file made", size, lambda: make(file, size))
    with started(temporary / "home") as addresses, watching() as peaks:
        for process in running.processes(Home(Path(addresses.home))):
            peaks.watch(process.name, process.pid)
        api, sandbox = Api(addresses), Sandbox(addresses)
        api.user("carla", "Carla", whatsapp=CARLA)
        api.user("davi", "Davi", instagram=DAVI)
        bare = upload_bare(addresses, file)
        whole = upload(addresses, peaks, file, "--from", "carla")
        say("./scripts/upload, from initiate to READY", whole["seconds"], size)
        remove(addresses, whole["file_id"])
        out.rule("Interrupted and resumed")
        resumed = interrupted(addresses, peaks, file, api)
        check(resumed["sha256"] == sha256, "The client saw the bytes that were made")
        out.rule("From WhatsApp to Instagram")
        message = api.wait_for_status(resumed["message_id"], "DELIVERED", "READ", seconds=60)
        way = [(d["channel"], d["status"]) for d in message["deliveries"]]
        check(way == [("instagram", "READ")], "Carla's message is READ on Instagram")
        follow(sandbox.inbox(DAVI, "instagram")[-1], sha256, size)
        written(api, sandbox)
    out.rule("Figures")
    return report(size, bare, whole["seconds"], peaks)


def make(file: Path, size: int) -> str:
    """Random bytes; their SHA-256."""
    digest, left = hashlib.sha256(), size
    with file.open("wb") as target:
        while left:
            block = os.urandom(min(8 * BLOCK, left))
            target.write(block)
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def upload_bare(addresses: Addresses, file: Path) -> float:
    """Seconds that boto3 takes for the same file, with its default ten threads."""
    s3 = aws.client(addresses.aws_endpoint_url, "s3")
    s3.create_bucket(Bucket="bare-upload")
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    began = time.monotonic()
    s3.upload_file(str(file), "bare-upload", "file", Config=config)
    seconds = time.monotonic() - began
    s3.delete_object(Bucket="bare-upload", Key="file")
    say("boto3's own multipart upload", seconds, file.stat().st_size)
    return seconds


def command(file: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "infra.client.upload", str(file), "--json", *more]


def upload(addresses: Addresses, peaks: Peaks, file: Path, *more: str) -> Any:
    """What ./scripts/upload says at its end."""
    process = begin(addresses, peaks, file, *more)
    said, _ = process.communicate()
    check(process.returncode == 0, "./scripts/upload ends with READY, the checksum verified")
    return json.loads(said)


def begin(addresses: Addresses, peaks: Peaks, file: Path, *more: str) -> subprocess.Popen[str]:
    environment = {n: v for n, v in os.environ.items() if n not in NAMES}
    environment["CHAT4ALL_HOME"] = addresses.home
    process = subprocess.Popen(
        command(file, *more),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    peaks.watch("upload", process.pid)
    return process


def remove(addresses: Addresses, file_id: str) -> None:
    """It has shown its speed; its bytes are in the way."""
    s3 = aws.client(addresses.aws_endpoint_url, "s3")
    [bucket] = [b["Name"] for b in s3.list_buckets()["Buckets"] if "-files-" in b["Name"]]
    s3.delete_object(Bucket=bucket, Key=f"files/{file_id}")


def interrupted(addresses: Addresses, peaks: Peaks, file: Path, api: Api) -> Any:
    options = ("--from", "carla", "--to", "davi", "--caption", "Our holiday")
    process = begin(addresses, peaks, file, *options)
    file_id = wait_until(lambda: journalled(addresses), "the upload to begin")
    path = f"/v1/files/{file_id}"

    def far_enough() -> Any:
        there = api.ok("GET", path)
        return there if there["percent"] >= KILLED_AT else None

    wait_until(far_enough, f"{KILLED_AT} % to be there", seconds=300)
    process.kill()
    process.wait()
    there = api.ok("GET", path)
    out.print(f"Killed (SIGKILL). The API has {there['percent']} % and misses "
              f"{len(there['missing_parts'])} of {there['part_count']} parts.")  # fmt: skip
    check(0 < len(there["missing_parts"]) < there["part_count"], "It was killed midway")
    resumed = upload(addresses, peaks, file, *options)
    check(resumed["file_id"] == file_id, "The next run went on with the same upload")
    rest = len(there["missing_parts"]) * there["part_size"]
    say("the rest of it", resumed["seconds"], rest)
    return resumed


def journalled(addresses: Addresses) -> str | None:
    """The upload that ./scripts/upload has noted to go on with."""
    for entry in (Path(addresses.home) / "uploads").glob("*.json"):
        return str(json.loads(entry.read_text())["file_id"])
    return None


def follow(item: Any, sha256: str, size: int) -> None:
    """Davi opens on Instagram what Carla sent: the file itself, or the link to it."""
    if item["media"]:
        check(item["media"]["sha256"] == sha256, "Instagram shows the file itself")
        return
    *about, link = item["text"].split("\n")
    out.print(f"  Davi sees {' / '.join(about)} and a link, and follows it.")
    digest, began = hashlib.sha256(), time.monotonic()
    with httpx.stream("GET", link, follow_redirects=True, timeout=60) as answer:
        for block in answer.iter_bytes(BLOCK):
            digest.update(block)
    say("Davi's download", time.monotonic() - began, size)
    check(digest.hexdigest() == sha256, "Davi has the same bytes, by SHA-256")


def written(api: Api, sandbox: Sandbox) -> None:
    """Carla sends a document on WhatsApp itself: as much as WhatsApp carries, near enough."""
    size = 95 * 10**6
    document = {"type": "document", "mime_type": "application/pdf", "filename": "plans.pdf"}
    said = {"channel": "whatsapp", "media": {**document, "size": size, "seed": 5}}
    out.print(f"Carla sends a document of {size / 10**6:.0f} MB on WhatsApp.")
    began = time.monotonic()
    known = sandbox.ok("POST", f"/people/{CARLA}/messages", said)["media"]
    before = len(sandbox.inbox(DAVI, "instagram"))
    arrived = lambda: sandbox.inbox(DAVI, "instagram")[before:]  # noqa: E731
    [item] = wait_until(arrived, "Davi's Instagram to show it", seconds=120)
    say("fetched from WhatsApp and sent on", time.monotonic() - began, size)
    follow(item, known["sha256"], size)


def timed(what: str, size: int, work: Callable[[], str]) -> str:
    began = time.monotonic()
    found = work()
    say(what, time.monotonic() - began, size)
    return found


def say(what: str, seconds: float, size: int) -> None:
    out.print(f"  {what}: {seconds:.1f} s, {size / seconds / 10**6:.0f} MB/s")


if __name__ == "__main__":
    sys.exit(main())
