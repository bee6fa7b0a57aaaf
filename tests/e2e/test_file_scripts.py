"""What a person does with files from a shell."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.client import Api, Sandbox
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.test_scripts import REPO, run


@pytest.mark.req("RF-004")
def test_a_file_is_uploaded_and_sent_by_one_command(
    stack: Addresses, api: Api, sandbox: Sandbox, people: People, tmp_path: Path
) -> None:
    (ana, _), (bo, at) = people.on(), people.on("whatsapp")
    file = tmp_path / "notes.pdf"
    file.write_bytes(b"%PDF-1.7\n" + os.urandom(12_000_000))
    options = ("--from", ana, "--to", bo, "--caption", "Read this", "--json")

    said = json.loads(run(stack, "./scripts/upload", str(file), *options))

    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (said["status"], said["sha256"], said["checksum_verified"]) == ("READY", sha256, True)
    api.wait_for_status(said["message_id"], "READ")
    [item] = sandbox.inbox(at["whatsapp"], "whatsapp")
    assert (item["type"], item["media"]["caption"]) == ("document", "Read this")
    assert (item["media"]["filename"], item["media"]["sha256"]) == ("notes.pdf", sha256)


def test_the_guides_session_works_as_pasted(stack: Addresses) -> None:
    guide = (REPO / "docs" / "files.md").read_text()
    found = re.search(r"```sh\n(.*?)```", guide, re.DOTALL)
    assert found is not None
    lines = found[1].replace("./scripts/up --detach\n", "")  # one runs already
    lines = lines.replace("./scripts/env", f"{sys.executable} -m infra.local.env")

    clean_up = "rm film.bin film.part-* back.bin"  # as the guide says

    printed = run(stack, "bash", "-euc", f"{lines}\n{clean_up}")

    assert '"status":"READY"' in printed
    assert "the same bytes" in printed


@pytest.mark.req("RF-003")
@pytest.mark.req("RF-004")
def test_the_demonstration_of_a_large_file_shows_every_step(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "infra.local.demo_file", "--size", "100MB", "--json", figures]

    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(figures.read_text())["size"] == 100_000_000
