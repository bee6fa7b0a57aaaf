"""What every body of a provider must stand: the connector, the queue and what applies it."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter

from chat4all.channels import connector_class
from chat4all.delivery import (
    InboundUpdate,
    Outgoing,
    StatusBundle,
    StatusUpdate,
    Update,
    bundled,
)
from chat4all.errors import Chat4AllError, Rejected
from chat4all.ports import Connector
from chat4all.sendable import sendable
from tests.world import World

REPO = Path(__file__).parents[2]
CORPUS = REPO / "tests" / "corpus" / "callbacks"
CHANNELS = ("whatsapp", "instagram", "echo")
SECRET = "local-app-secret"
SETTINGS = {
    "base_url": "https://provider.invalid",
    "account": "10550001111",
    "access_token": "t",
    "app_secret": SECRET,
    "verify_token": "v",
}
SQS_BYTES = 256 * 1024
"""What SQS took for ten years; a megabyte now, and not everywhere."""
KEY_BYTES = 1_024
"""Of an id that becomes part of a key, of which DynamoDB takes 2,048 bytes."""
_update: TypeAdapter[StatusUpdate | StatusBundle | InboundUpdate] = TypeAdapter(Update)
Read = Sequence[StatusUpdate | InboundUpdate]


@cache
def connector(channel: str) -> Connector:
    if channel == "echo":
        return cast(Connector, _skeleton().Channel(lambda: SETTINGS))
    return connector_class(channel)(lambda: SETTINGS)


def _skeleton() -> Any:
    """The channel that new ones start from: it is no package of ours."""
    folder = REPO / "infra" / "channel_skeleton" / "echo"
    for name in ("", ".settings", ".wire", ".connector"):
        file = folder / (f"{name[1:]}.py" if name else "__init__.py")
        spec = importlib.util.spec_from_file_location(
            f"fuzzed_echo{name}", file, submodule_search_locations=None if name else [str(folder)]
        )
        assert spec and spec.loader
        module = sys.modules[f"fuzzed_echo{name}"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def signature(raw: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}


def corpus() -> dict[str, bytes]:
    """By their names: real-looking bodies, and in `failed` those that something failed on,
    with a few at a limit."""
    files = sorted(CORPUS.glob("*/*.json")) + sorted(CORPUS.glob("failed/*/*.json"))
    return {str(file.relative_to(CORPUS)): file.read_bytes() for file in files}


def expected_updates() -> dict[str, int]:
    """How many updates are read of each."""
    found: dict[str, int] = json.loads((CORPUS / "updates.json").read_text())
    return found


def seeds(channel: str) -> list[dict[str, Any]]:
    return [json.loads(file.read_bytes()) for file in sorted((CORPUS / channel).glob("*.json"))]


def parsed(channel: str, raw: bytes) -> Read:
    return connector(channel).parse(raw, signature(raw))


def stands(channel: str, raw: bytes) -> Read:
    """What is read of a signed body, once it has gone all the way. Fails if anything raises what
    is not ours, or if something cannot be queued, read from the queue, or applied."""
    try:
        updates = parsed(channel, raw)
    except Rejected as error:
        assert error.status < 500
        return []
    world = World()
    for update in bundled(updates):
        waiting = update.outgoing()
        queueable(waiting)
        assert _update.validate_json(waiting.body) == update
        try:
            if isinstance(update, InboundUpdate):
                world.inbound.receive(update)
            else:
                same = update.updates if isinstance(update, StatusBundle) else (update,)
                world.inbound.apply(same)
        except Chat4AllError as error:
            raise AssertionError(f"{error!r} for what was queued") from error
    for update in updates:
        usable(update)
    for queue in ("inbound", "media"):
        for body in world.queue.take(queue):
            assert len(sendable(body).encode()) < SQS_BYTES
    return updates


def queueable(waiting: Outgoing) -> None:
    body = sendable(waiting.body)
    assert len(body.encode()) < SQS_BYTES
    assert not any(c < " " and c not in "\t\n\r" for c in body)
    assert not {"\ufffe", "\uffff"} & set(body)
    for name in (waiting.group, waiting.deduplication_id):
        assert 0 < len(name) <= 128 and name.isascii() and " " not in name


def usable(update: StatusUpdate | InboundUpdate) -> None:
    """What becomes a key of the table fits into one."""
    reply_to = update.reply_to if isinstance(update, InboundUpdate) else None
    opaque = update.opaque if isinstance(update, StatusUpdate) else None
    for provider_id in filter(None, (update.provider_id, reply_to, opaque)):
        assert len(provider_id.encode()) <= KEY_BYTES
    assert 0 <= update.at < 10**15
