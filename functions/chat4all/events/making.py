"""Changes of items → events, each derived from the one change that is looked at.

Runs for every change of the table: plain dicts, nothing is validated here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from chat4all.events import types
from chat4all.events.envelope import MAX_WORDS, Image, made
from chat4all.events.messages import of_receipts
from chat4all.events.types import Event
from chat4all.receipts import Receipts
from chat4all.timestamps import iso


def events_of(
    old: Image | None,
    new: Image | None,
    at: int,
    receipts_of: Callable[[Image], Receipts],
    change: str = "",
) -> Iterator[Event]:
    """The events that a change of one item means: none, for most items.

    `old` and `new` are the item before and after, `at` is when it changed (ms), `receipts_of`
    reads a receipts item. `change` tells changes of one moment apart and is the same on repeats.
    """
    image = new or old or {}
    pk, sk = str(image.get("pk", "")), str(image.get("sk", ""))
    told = change or str(at)
    if sk == "RECEIPTS":
        if new is not None:
            yield from of_receipts(old, receipts_of(new), at)
    elif sk.startswith("MEMBER#"):
        yield from _of_member(pk, sk, old, new, at)
    elif sk == "META" and new is not None:
        yield from _of_meta(pk, old, new, at, told)
    elif sk == "META" and old is not None and pk.startswith("USER#"):
        yield made(types.USER_ERASED, at, (pk, told), {"user_id": pk.removeprefix("USER#")})
    elif sk == "FILE" and new is not None:
        yield from _of_file(pk, old, new, at)
    elif sk == "PRESENCE":
        yield from _of_presence(pk, old or {}, new or {}, at, told)
    elif pk == "WEBHOOKS" and old is not None and new is not None:
        yield from _of_endpoint(sk, old, new, at, told)


def _of_meta(pk: str, old: Image | None, new: Image, at: int, told: str) -> Iterator[Event]:
    if pk.startswith("CONV#"):
        if old is None:
            yield made(types.CONVERSATION_CREATED, at, (pk,), _conversation(pk, new))
        elif old.get("metadata") != new.get("metadata"):
            yield made(types.CONVERSATION_UPDATED, at, (pk, told), _conversation(pk, new))
    elif pk.startswith("USER#") and (
        old is None or any(old.get(f) != new.get(f) for f in ("name", "identities"))
    ):
        yield made(types.USER_UPDATED, at, (pk, told), {"user_id": pk.removeprefix("USER#")})


def _conversation(pk: str, image: Image) -> dict[str, Any]:
    return {
        "conversation_id": pk.removeprefix("CONV#"),
        "conversation_type": image["type"],
        "members": sorted(image.get("members", ())),
        "metadata": json.loads(image.get("metadata") or "{}"),
    }


def _of_member(pk: str, sk: str, old: Image | None, new: Image | None, at: int) -> Iterator[Event]:
    image = new or old or {}
    member = (pk, sk, str(image.get("joined_at")))
    data: dict[str, Any] = {
        "conversation_id": pk.removeprefix("CONV#"),
        "user_id": sk.removeprefix("MEMBER#"),
    }
    if old is None:
        yield made(types.MEMBER_JOINED, at, member, data)
    elif new is None:
        yield made(types.MEMBER_LEFT, at, member, data)
    else:
        for mark, kind in (
            ("read", types.CONVERSATION_READ),
            ("delivered", types.CONVERSATION_DELIVERED),
        ):
            seq = int(new[f"{mark}_seq"])
            if seq > int(old[f"{mark}_seq"]):  # reading raises both, and says so once
                event = made(kind, at, (*member, str(seq)), {**data, "up_to_seq": seq})
                yield {**event, "timestamp": iso(int(new.get(f"{mark}_at") or at))}
                return


def _of_file(pk: str, old: Image | None, new: Image, at: int) -> Iterator[Event]:
    status = new["status"]
    if status not in ("READY", "REJECTED") or (old is not None and old["status"] == status):
        return
    data = {
        "file_id": pk.removeprefix("FILE#"),
        "owner": new.get("owner"),
        "filename": new["filename"],
        "content_type": new["content_type"],
        "size": new.get("size"),
    }
    if status == "READY":
        yield made(types.FILE_READY, at, (pk,), data)
    else:
        detail = new.get("detail")
        data |= {"code": new.get("reason"), "detail": detail and detail[:MAX_WORDS]}
        yield made(types.FILE_REJECTED, at, (pk,), data)


def _of_presence(pk: str, old: Image, new: Image, at: int, told: str) -> Iterator[Event]:
    """Somebody's first connection came, or the last one went."""
    before, after = (any(n.startswith("conn#") for n in image) for image in (old, new))
    if before == after:
        return
    seen = at if after else int(new.get("last_seen", at))
    data = {
        "user_id": pk.removeprefix("USER#"),
        "status": "online" if after else "offline",
        "last_seen_at": iso(seen),
    }
    yield made(types.PRESENCE, at, (pk, told), data)


def _of_endpoint(sk: str, old: Image, new: Image, at: int, told: str) -> Iterator[Event]:
    if new.get("status") == "DISABLED" != old.get("status"):
        data = {
            "webhook_id": sk.removeprefix("ENDPOINT#"),
            "host": urlsplit(new["url"]).netloc.rpartition("@")[2],
            "reason": new["disabled_reason"],
        }
        yield made(types.ENDPOINT_DISABLED, at, (sk, told), data)
