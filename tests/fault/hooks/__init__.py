"""Faults inside the workers: `sitecustomize.py` in this folder runs in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.local import aws
from infra.local.running import Addresses

FOLDER = Path(__file__).parent


class Hooks:
    """Says what fails in which function, from now on."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faults.json"
        self.none()

    def none(self) -> None:
        self.say()

    def say(self, **faults: dict[str, float]) -> None:
        """Workers look every fifth of a second."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(faults))
        draft.replace(self._file)

    def install(self, stack: Addresses) -> None:
        """Every function's next worker listens to us."""
        functions = aws.client(stack.aws_endpoint_url, "lambda")
        pages = functions.get_paginator("list_functions").paginate()
        found: list[Any] = [one for page in pages for one in page["Functions"]]
        for one in found:
            if not one["FunctionName"].startswith(f"chat4all-{stack.stage}-"):
                continue
            variables = one.get("Environment", {}).get("Variables", {})
            wanted = {"PYTHONPATH": str(FOLDER), "CHAT4ALL_FAULTS": str(self._file)}
            if variables != variables | wanted:
                functions.update_function_configuration(
                    FunctionName=one["FunctionName"],
                    Environment={"Variables": variables | wanted},
                )
