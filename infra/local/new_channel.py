"""`./scripts/new-channel NAME`: a folder from the skeleton and a block in template.yaml."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from infra.local.home import REPO

SKELETON = "echo"
MODEL = "whatsapp"
"""The channel whose block in the template is copied."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/new-channel")
    parser.add_argument("name", help="lower-case letters, digits and _; such as telegram")
    name = parser.parse_args().name
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) or name in ("app", "all"):
        print(f"{name!r} is no channel name: lower-case letters, digits and _.", file=sys.stderr)
        return 2
    folder = REPO / "functions" / "chat4all" / "channels" / name
    if folder.exists():
        print(f"{folder.relative_to(REPO)} exists already.", file=sys.stderr)
        return 2
    write_folder(folder, name)
    template = REPO / "template.yaml"
    template.write_text(with_block(template.read_text(), name))
    print(f"Wrote {folder.relative_to(REPO)}/ and a block in template.yaml.")
    print(f"Its tests run by themselves: ./scripts/test tests/contract -k {name}")
    print("What to change, step by step: docs/new-channel.md")
    return 0


def write_folder(folder: Path, name: str) -> None:
    folder.mkdir()
    for source in sorted((REPO / "infra" / "channel_skeleton" / SKELETON).glob("*.py")):
        text = source.read_text().replace(SKELETON, name)
        (folder / source.name).write_text(text.replace(SKELETON.title(), logical(name)))


def with_block(template: str, name: str) -> str:
    """The template with a block for the channel behind the last one that is there."""
    block = template[
        template.index(f"  # --- channel: {MODEL} ---") : template.index(
            f"  # --- end channel: {MODEL} ---"
        )
    ]
    block += f"  # --- end channel: {MODEL} ---\n"
    block = block.replace(MODEL, name).replace(logical(MODEL), logical(name))
    ends = list(re.finditer(r"  # --- end channel: \w+ ---\n", template))
    end = ends[-1].end()
    return f"{template[:end]}\n{block}{template[end:]}"


def logical(name: str) -> str:
    """The name as CloudFormation's logical ids want it: `line_works` → `LineWorks`."""
    return "".join(part.title() for part in name.split("_"))


if __name__ == "__main__":
    sys.exit(main())
