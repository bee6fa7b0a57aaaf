"""A new channel is one folder and one block: written by the script, tested by the suite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]


@pytest.mark.req("RF-010")
def test_the_skeletons_echo_channel_passes_the_contract_suite(tmp_path: Path) -> None:
    for folder in ("functions", "infra", "tests"):
        shutil.copytree(REPO / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.pyc"))
    for file in ("template.yaml", "pyproject.toml"):
        shutil.copy(REPO / file, tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def run(program: str, *arguments: str) -> str:
        tool = Path(sys.executable).with_name(program)
        done = subprocess.run(
            [tool, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("python", "-m", "infra.local.new_channel", "echo")

    passed = run("pytest", "tests/contract", "-q", "-k", "echo", "-p", "no:cacheprovider")
    assert " passed" in passed
    run("pytest", "tests/unit/test_template.py", "-q", "-p", "no:cacheprovider")
    run("mypy", "--strict", "functions/chat4all/channels/echo")
    run("ruff", "check", "functions/chat4all/channels/echo")
    run("cfn-lint", "template.yaml")
