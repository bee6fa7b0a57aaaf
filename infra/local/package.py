"""The deployment package: functions/ as one zip, the same bytes for the same code."""

import hashlib
import io
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.home import StackError

LEFT_OUT = {"__pycache__", "provider_sandbox", "grpc_front", "tests", ".chalice"}


def package(functions: Path, with_dependencies: bool = False) -> tuple[str, bytes]:
    """The SHA-256 and the bytes of the zip.

    MiniStack's functions find their dependencies beside it. LocalStack's run in containers of
    this machine's architecture, so their package brings its own: Python 3.13 wheels for Linux.

    Raises:
        StackError: pip could not get the dependencies.
    """
    with TemporaryDirectory() as temporary:
        folders = [functions]
        if with_dependencies:
            _install(functions / "requirements.txt", temporary)
            folders.append(Path(temporary))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for folder in folders:
                _add(archive, folder)
    content = buffer.getvalue()
    return hashlib.sha256(content).hexdigest(), content


def _add(archive: zipfile.ZipFile, folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if not file.is_file() or LEFT_OUT & set(inside.parts) or file.suffix == ".pyc":
            continue
        entry = zipfile.ZipInfo(inside.as_posix(), date_time=(2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, file.read_bytes())


def _install(requirements: Path, target: str) -> None:
    machine = "aarch64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    command = [sys.executable, "-m", "pip", "install", "--require-hashes", "-r", str(requirements)]
    command += ["-qq", "--disable-pip-version-check", "--target", target, "--only-binary=:all:"]
    command += ["--python-version", "3.13", "--implementation", "cp"]
    for generation in ("manylinux2014", "manylinux_2_28", "manylinux_2_34"):
        command += ["--platform", f"{generation}_{machine}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"The functions' dependencies could not be installed:\n{done.stderr}")
