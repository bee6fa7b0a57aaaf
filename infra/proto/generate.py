"""Make the server's Python of proto/. It is checked in; a test holds it to what this makes."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

REPO = Path(__file__).parents[2]
PROTO = REPO / "proto"
OURS = PROTO / "chat4all"
"""Beside it is Google's Status, for clients; here its Python comes with a package of Google's."""
GENERATED = REPO / "functions" / "grpc_front" / "generated"
PACKAGE = "grpc_front.generated"
"""protoc takes a file's folder for its Python package, and `chat4all` is the product's own."""


def compiled(target: Path, *options: str) -> None:
    """Have protoc write into `target` what `options` name, of all files in proto/ that are ours.

    Raises:
        RuntimeError: protoc found an error, which it has printed.
    """
    sources = sorted(str(path.relative_to(PROTO)) for path in OURS.rglob("*.proto"))
    arguments = [
        "protoc",
        f"-I{PROTO}",
        f"-I{files('grpc_tools').joinpath('_proto')}",
        *(option.format(target) for option in options),
        *sources,
    ]
    if protoc.main(arguments):
        raise RuntimeError("protoc refused proto/")


def generate(target: Path) -> None:
    """The modules that grpc_front imports: messages, without stubs, which it has no use for."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    compiled(target, "--python_out={}", "--pyi_out={}")
    for path in target.rglob("*_pb2.py*"):
        moved = f"from {PACKAGE}.chat4all."
        path.write_text(re.sub(r"(?m)^from chat4all\.", moved, path.read_text()))
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        (folder / "__init__.py").touch()


if __name__ == "__main__":
    generate(GENERATED)
    sys.stdout.write(f"{GENERATED.relative_to(REPO)} is made of {PROTO.relative_to(REPO)}.\n")
