"""The generated code is that of proto/, and nothing that a client depends on changes."""

import shutil
import subprocess
from importlib.resources import files as resources
from pathlib import Path

import pytest

from infra.proto.generate import GENERATED, PROTO, generate
from tests.support.proto_set import frozen, lines

pytestmark = pytest.mark.req("RF-008")


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if "__pycache__" not in path.parts
    }


def test_the_code_that_is_checked_in_is_what_the_script_makes(tmp_path: Path) -> None:
    generate(tmp_path / "generated")

    made = contents(tmp_path / "generated")

    assert made == contents(GENERATED), "./scripts/proto"
    assert len(made) > 20


def test_what_clients_depend_on_is_still_there() -> None:
    now = set(lines())

    gone = [line for line in frozen() if line not in now]

    assert gone == [], "names, numbers and types stay for as long as the package is v1"


def test_what_is_new_is_frozen_too() -> None:
    before = set(frozen())

    new = [line for line in lines() if line not in before]

    assert new == [], "python -m tests.support.proto_set"


@pytest.mark.skipif(shutil.which("buf") is None, reason="buf is not installed (npm @bufbuild/buf)")
@pytest.mark.parametrize("arguments", [["lint"], ["build"], ["format", "--diff", "--exit-code"]])
def test_buf_has_nothing_to_say(arguments: list[str]) -> None:
    said = subprocess.run(["buf", *arguments], cwd=PROTO, capture_output=True, text=True)

    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_googles_file_is_there_as_it_comes() -> None:
    theirs = resources("google.rpc").joinpath("status.proto").read_bytes()

    assert (PROTO / "google/rpc/status.proto").read_bytes() == theirs
