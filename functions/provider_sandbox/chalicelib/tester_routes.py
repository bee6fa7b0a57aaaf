"""How testers steer the sandbox: people, faults, settings. JSON without authentication."""

import functools
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from chalice.app import Blueprint, Response

from .checks import as_bytes, number, object_from, only, text_in, whole
from .errors import BadInput
from .faults import read_fault
from .inbound_media import read_media, words_of
from .media_routes import base_url
from .poster import shake_hands
from .process import channel_named, sandbox
from .wire import Channel, PersonWrote, SentMessage, WrittenMedia

tester = Blueprint(__name__)
View = Callable[..., dict[str, Any]]


def _route(path: str, method: str) -> Callable[[View], View]:
    """Register a view under /sandbox whose BadInput is answered 400."""

    def register(view: View) -> View:
        @functools.wraps(view)
        def guarded(**captured: str) -> Response:
            try:
                return Response(view(**captured))
            except BadInput as problem:
                return Response({"error": str(problem)}, status_code=400)

        tester.route(f"/sandbox/{path}", methods=[method], content_types=["*/*"])(guarded)
        return view

    return register


def _body() -> dict[str, Any]:
    return object_from(as_bytes(tester.current_request.raw_body))


def _given(*allowed: str) -> dict[str, Any]:
    body = _body()
    only(body, set(allowed), "this request")
    return body


def _person(channel: Channel, address: str) -> str:
    try:
        return channel.address(unquote(address))
    except ValueError as problem:
        raise BadInput(f"address: {problem}") from problem


@_route("healthz", "GET")
def healthz() -> dict[str, Any]:
    return {"status": "ok"}


@_route("settings", "GET")
def read_settings() -> dict[str, Any]:
    return sandbox().settings.as_json()


@_route("settings", "PUT")
def change_settings() -> dict[str, Any]:
    sandbox().settings.merge(_body())
    return sandbox().settings.as_json()


@_route("people/{address}/messages", "POST")
def person_writes(address: str) -> dict[str, Any]:
    given = _given("channel", "text", "media", "name", "reply_to", "account", "id", "repeat")
    channel = channel_named(given.get("channel"))
    settings = sandbox().settings.of(channel.name)
    if not settings.callback_url:
        raise BadInput(f"{channel.name} has no callback_url yet: PUT /sandbox/settings")
    account = text_in(given, "account", settings.account)
    person = _person(channel, address)
    repeat = whole(given.get("repeat", 1), "repeat", low=1)
    written = PersonWrote(
        id=text_in(given, "id", channel.new_id(account, person, inbound=True)),
        account=account,
        address=person,
        name=text_in(given, "name", "Sandbox Person"),
        text=words_of(given, channel),
        reply_to=text_in(given, "reply_to", "") or None,
        at=time.time(),
        media=_media_in(given, channel, person),
    )
    sandbox().write(channel.name, written, repeat)
    return {"id": written.id, **_handed_out(channel, written.media)}


def _media_in(given: dict[str, Any], channel: Channel, person: str) -> WrittenMedia | None:
    if given.get("media") is None:
        return None
    library = sandbox().media.libraries[channel.name]
    base = base_url(tester.current_request.headers)
    return read_media(given["media"], channel, person, library, base)


def _handed_out(channel: Channel, media: WrittenMedia | None) -> dict[str, Any]:
    """Where the provider hands out these media: by an id on WhatsApp, at a url on Instagram."""
    if media is None:
        return {}
    where = {"id": media.id} if channel.name == "whatsapp" else {"url": media.url}
    return {"media": {"sha256": media.sha256.hex(), "size": media.size, **where}}


@_route("people/{address}/inbox", "GET")
def person_reads_inbox(address: str) -> dict[str, Any]:
    query: Any = tester.current_request.query_params or {}
    channel = channel_named(query.get("channel"))
    received = sandbox().people.inbox((channel.name, _person(channel, address)))
    return {"items": [_inbox_item(message) for message in received]}


def _inbox_item(message: SentMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "account": message.account,
        "type": message.type,
        "text": message.text,
        "body": json.loads(message.raw),
        "opaque": message.opaque,
        "received_at": message.received_at,
        "statuses": dict(message.statuses),
        "awaited": message.awaited(),
        "media": message.media and asdict(message.media),
    }


@_route("people/{address}/window", "POST")
def person_wrote_hours_ago(address: str) -> dict[str, Any]:
    given = _given("channel", "hours_ago")
    channel = channel_named(given.get("channel"))
    wrote_at = time.time() - number(given.get("hours_ago"), "hours_ago") * 3600
    sandbox().people.wrote((channel.name, _person(channel, address)), wrote_at)
    return {"last_wrote_at": int(wrote_at * 1000)}


@_route("faults", "POST")
def add_fault() -> dict[str, Any]:
    sandbox().faults.add(read_fault(_body(), sandbox().channels))
    return read_faults()


@_route("faults", "GET")
def read_faults() -> dict[str, Any]:
    return {"faults": sandbox().faults.as_json()}


@_route("faults", "DELETE")
def remove_faults() -> dict[str, Any]:
    sandbox().faults.clear()
    return {"faults": []}


@_route("handshake", "POST")
def handshake() -> dict[str, Any]:
    channel = channel_named(_given("channel").get("channel"))
    settings = sandbox().settings.of(channel.name)
    if not settings.callback_url:
        raise BadInput(f"{channel.name} has no callback_url yet: PUT /sandbox/settings")
    ok, detail = shake_hands(settings)
    return {"ok": ok, "detail": detail}


@_route("reset", "POST")
def reset() -> dict[str, Any]:
    sandbox().reset()
    return {"status": "ok"}


@_route("stats", "GET")
def stats() -> dict[str, Any]:
    return sandbox().stats()
