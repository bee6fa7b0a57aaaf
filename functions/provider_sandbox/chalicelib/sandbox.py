"""The imitated providers: what happens when we send, and when a person writes."""

import hmac
import json
import os
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from .errors import BadInput, GraphError, HangUp
from .faults import ABOUT_STATUSES, ABOUT_THE_ANSWER, Fault, Faults
from .instagram import Instagram
from .outbox import Outbox
from .people import People
from .plan import plan
from .settings import Settings
from .whatsapp import WhatsApp
from .wire import Channel, Notice, PersonWrote, Receipt, Send, SentMessage


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, to be given after `wait` seconds. A body of None is an empty one."""

    body: dict[str, Any] | None
    status: int = 200
    wait: float = 0.0


class Sandbox:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.people = People()
        self.faults = Faults()
        self.channels: dict[str, Channel] = {"whatsapp": WhatsApp(), "instagram": Instagram()}
        self.outboxes = {
            name: Outbox(channel, self.people, partial(settings.of, name))
            for name, channel in self.channels.items()
        }
        self._lock = threading.Lock()
        self._sends = {name: {"accepted": 0, "rejected": 0} for name in self.channels}

    def send(self, name: str, account: str, authorization: str, raw: bytes) -> Answer:
        """Do what a POST to /messages asks for.

        Raises:
            GraphError: not accepted, and the sender is told why.
            HangUp: not accepted, and the sender is told nothing.
        """
        try:
            answer = self._send(name, account, authorization, raw)
        except (GraphError, HangUp):
            self._count(name, "rejected")
            raise
        return answer

    def _send(self, name: str, account: str, authorization: str, raw: bytes) -> Answer:
        channel, settings = self.channels[name], self.settings.of(name)
        expected = f"Bearer {settings.access_token}"
        if not hmac.compare_digest(authorization.encode(), expected.encode()):
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        send = channel.read(_parsed(raw))
        if isinstance(send, Notice):
            return Answer(send.answer)
        fault = self.faults.take(name, send.address, *ABOUT_THE_ANSWER)
        if fault is not None and fault.kind == "server_error":
            self._count(name, "rejected")
            return Answer(None, status=fault.status or 500)
        _refuse_if_asked(fault)
        if settings.window_24h and send.window_hours is not None:
            person = (name, send.address)
            if not self.people.wrote_within(person, send.window_hours):
                raise channel.outside_window()
        message = self._accept(channel, account, send, raw)
        wait = fault.seconds or 0.0 if fault else 0.0
        return Answer(channel.answer(send, message.id), wait=wait)

    def _accept(self, channel: Channel, account: str, send: Send, raw: bytes) -> SentMessage:
        now = time.time()
        message = SentMessage(
            id=channel.new_id(account, send.address),
            channel=channel.name,
            account=account,
            address=send.address,
            type=send.type,
            text=send.text,
            opaque=send.opaque,
            raw=raw,
            received_at=int(now * 1000),
        )
        self.people.receive(message)
        self._count(channel.name, "accepted")
        faults = {
            kind: fault
            for kind in ABOUT_STATUSES
            if (fault := self.faults.take(channel.name, send.address, kind))
        }
        delays = self.settings.of(channel.name).delays
        self.outboxes[channel.name].put(
            message.id,
            [
                (planned.delay, Receipt(message, planned.status, now + planned.delay, planned.code))
                for planned in plan(channel.reports, delays, faults)
            ],
        )
        return message

    def write(self, name: str, written: PersonWrote, repeat: int) -> None:
        """Report what a person wrote, `repeat` times, and open their window."""
        self.people.wrote((name, written.address), written.at)
        self.outboxes[name].put(written.key, [(0.0, written)] * repeat)

    def _count(self, name: str, what: str) -> None:
        with self._lock:
            self._sends[name][what] += 1

    def stats(self) -> dict[str, Any]:
        with self._lock:
            sends = {name: dict(counts) for name, counts in self._sends.items()}
        return {
            name: {"sends": sends[name], "callbacks": outbox.counts()}
            for name, outbox in self.outboxes.items()
        }

    def reset(self) -> None:
        """Forget people, inboxes, faults, counts and callbacks that wait; keep the settings."""
        self.faults.clear()
        self.people.clear()
        for outbox in self.outboxes.values():
            outbox.clear()
        with self._lock:
            for counts in self._sends.values():
                counts.update(accepted=0, rejected=0)


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError as problem:
        raise GraphError(100, "The request body is not valid JSON") from problem
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object")
    return body


def _refuse_if_asked(fault: Fault | None) -> None:
    if fault is not None and fault.kind == "refuse":
        raise HangUp
    if fault is not None and fault.kind == "error":
        raise GraphError(fault.code or 0, subcode=fault.subcode, status=fault.status)


_building = threading.Lock()
_built: list[Sandbox] = []


def sandbox() -> Sandbox:
    """The one sandbox of this process, built at first use from SANDBOX_SETTINGS if set.

    Raises:
        BadInput: the file SANDBOX_SETTINGS names cannot be used.
    """
    with _building:
        if not _built:
            path = os.environ.get("SANDBOX_SETTINGS")
            _built.append(Sandbox(Settings.from_file(path) if path else Settings()))
        return _built[0]


def channel_named(name: object) -> Channel:
    channels = sandbox().channels
    if not isinstance(name, str) or name not in channels:
        raise BadInput(f"channel must be one of {', '.join(channels)}")
    return channels[name]
