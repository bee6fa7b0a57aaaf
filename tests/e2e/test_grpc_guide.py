"""The Python of docs/grpc.md, run from top to bottom as a newcomer would: with stubs made from
proto/ by the page's own command, and nothing of this repository on the path."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.home import REPO
from infra.local.running import Addresses

pytestmark = pytest.mark.req("RF-008")
PAGE = (REPO / "docs/grpc.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the page's command makes of a copy of proto/."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / "proto").symlink_to(REPO / "proto")
    [command] = re.findall(r"^mkdir -p stubs && (?:.*\\\n)*.*$", SHELL[0], re.M)
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-ec", command], cwd=folder, env=path, check=True)
    return folder / "stubs"


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_guides_examples_run_from_top_to_bottom_as_often_as_one_likes(
    stack: Addresses, stubs: Path, tmp_path: Path, time: str
) -> None:
    tmp_path.joinpath("first.py").write_text("\n".join(BLOCKS), encoding="utf-8")
    environment = {
        "PYTHONPATH": str(stubs),
        "PYTHONUTF8": "1",
        "GRPC": stack.grpc_address,
        "CLIENT_ID": stack.client_id,
        "CLIENT_SECRET": stack.client_secret,
    }

    ran = subprocess.run(
        [sys.executable, "first.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )

    assert ran.returncode == 0, ran.stderr
    for said in promised():
        assert said in ran.stdout, f"the {time} time"


def promised() -> list[str]:
    """What the page's comments say is printed."""
    found = re.findall(r"^ *print\(.*\)(?:  #|\n *#) (.+)$", PAGE, re.M)
    assert len(found) == 4
    return found
