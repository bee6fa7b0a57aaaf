"""What Locust's users know: told by the environment and a file. Locust's Python runs this; of ours
it has records.py and tokens.py only."""

from __future__ import annotations

import itertools
import json
import os
import time
from pathlib import Path

from locust import constant, constant_pacing

from tests.load.records import Asked, line
from tests.load.tokens import ServiceToken

FOLDER = Path(os.environ["CHAT4ALL_LOAD"])
WORLD = json.loads((FOLDER / "world.json").read_text())
CA = os.environ["CHAT4ALL_LOAD_CA"]
FILE_BYTES = int(os.environ["CHAT4ALL_LOAD_FILE_BYTES"])
PADDING = "x" * 160
PATIENCE = 30.0  # seconds for a file to be ready, a message to be pushed
ATTEMPTS = 4
"""Of a message that is answered 429 or 503, or not at all."""

_pause = float(os.environ["CHAT4ALL_LOAD_WAIT"])
_records = (FOLDER / "asked.jsonl").open("w", buffering=1)
wait_time = constant_pacing(_pause) if _pause else constant(0)
token = ServiceToken(WORLD["api_url"], WORLD["client_id"], WORLD["client_secret"], CA)
rooms = itertools.cycle(WORLD["rooms"])


def begin(message_id: str, conversation_id: str) -> Asked:
    now = time.time()
    return Asked(message_id, conversation_id, due=now, began=now)


def end(asked: Asked) -> None:
    """Its line is written, whatever it was answered."""
    asked.ended = time.time()
    _records.write(line(asked))
