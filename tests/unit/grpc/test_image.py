"""The image of the gRPC front and the program in it, as far as it can be told without Docker."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from infra.local.home import REPO

pytestmark = pytest.mark.req("RF-008")
FUNCTIONS = REPO / "functions"
FOLDER = FUNCTIONS / "grpc_front"
LINES = [line.split() for line in (FOLDER / "Dockerfile").read_text().splitlines() if line]
COPIED = [(line[1], line[2]) for line in LINES if line[0] == "COPY" and "--from" not in line[1]]
SHIPPED = [(source, target) for source, target in COPIED if target.startswith("/app/")]


def test_what_is_copied_is_all_that_the_server_imports(tmp_path: Path) -> None:
    for source, target in SHIPPED:
        shutil.copytree(FUNCTIONS / source, tmp_path / Path(target).name)

    done = subprocess.run(
        [sys.executable, "-c", "import grpc_front.__main__ as m; print(m.__file__)"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))


def test_importing_it_reads_no_environment_and_opens_nothing() -> None:
    look = (
        "import socket\n"
        "def no_network(*given): raise AssertionError('a client was opened')\n"
        "socket.socket.connect = no_network\n"
        "import grpc_front.__main__\n"
        "from chat4all.adapters import aws\n"
        "from chat4all.bootstrap import access, chat, parts\n"
        "made = [name for module in (access, chat, parts) for name, one in vars(module).items()\n"
        "        if hasattr(one, 'cache_info') and one.cache_info().currsize]\n"
        "assert not made and not aws.client.cache_info().currsize, made\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", look], cwd=FUNCTIONS, env={}, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_what_libraries_log_is_told_without_their_words() -> None:
    log = (
        "import logging\n"
        "from grpc_front.__main__ import WithoutText\n"
        "logging.basicConfig(handlers=[WithoutText(logging.WARNING)], level=logging.WARNING)\n"
        "logging.getLogger('a.library').warning('a token: %s', 'secret-1')\n"
        "logging.getLogger('a.library').error('secret-2', exc_info=ValueError('secret-3'))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", log], cwd=FUNCTIONS, env={}, capture_output=True, text=True
    )

    said = done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
    assert "a library logged" in said and "ValueError" in said
    assert "secret" not in said and len(done.stdout.splitlines()) == 2


def test_every_package_that_is_imported_somewhere_is_in_the_requirements() -> None:
    required = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (FOLDER / "requirements.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    ours = {"chat4all", "grpc_front"}
    shipped = [file for source, _ in SHIPPED for file in (FUNCTIONS / source).rglob("*.py")]

    missing = {
        (package, str(file.relative_to(FUNCTIONS)))
        for file in shipped
        for package in imported(file)
        if package not in ours | sys.stdlib_module_names
        and not required & {n.lower().replace("_", "-") for n in names_of(package)}
    }

    assert shipped and {"grpcio", "boto3", "pydantic"} <= required
    assert missing == set()


def imported(file: Path) -> set[str]:
    """Without what is for the type checker alone."""
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def names_of(package: str) -> list[str]:
    return packages_distributions().get(package, [package])


def test_the_image_takes_its_packages_by_their_hashes_and_runs_as_nobody() -> None:
    [install] = [line for line in LINES if line[:3] == ["RUN", "pip", "install"]]
    [user] = [line[1] for line in LINES if line[0] == "USER"]
    [entry] = [" ".join(line[1:]) for line in LINES if line[0] == "ENTRYPOINT"]

    assert "--require-hashes" in install and "--only-binary=:all:" in install
    assert int(user.split(":")[0]) > 0
    assert entry == '["python", "-m", "grpc_front"]'
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == {s for s, _ in SHIPPED}
