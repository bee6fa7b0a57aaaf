"""The imitated providers: what happens when we send, and when a person writes."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .errors import GraphError, HangUp
from .faults import ABOUT_STATUSES, ABOUT_THE_ANSWER, Fault, Faults
from .fetcher import Errands
from .instagram import Instagram
from .journal import Journal
from .media_desk import MediaDesk
from .outbox import Outbox
from .people import People
from .plan import Planned, plan
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
    def __init__(self, settings: Settings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.people = People(journal=journal)
        self.faults = Faults()
        self.media = MediaDesk(settings, self.faults)
        self.channels: dict[str, Channel] = {"whatsapp": WhatsApp(), "instagram": Instagram()}
        self.outboxes = {
            name: Outbox(channel, self.people, partial(settings.of, name))
            for name, channel in self.channels.items()
        }
        self._fetching = Errands()
        self._era = object()
        self._lock = threading.Lock()
        self._sends = {name: {"accepted": 0, "rejected": 0} for name in self.channels}
        if journal is not None:
            self._go_on(journal)

    def _go_on(self, journal: Journal) -> None:
        """Where a former process ended: with its inboxes, and the statuses that it still had to
        report. Its faults are over."""
        for message in journal.read():
            self.people.receive(message, again=True)
            channel = self.channels[message.channel]
            missing = [status for status in channel.reports if status not in message.statuses]
            failed = message.media is not None and message.media.state != "fetched"
            if not failed:
                delays = self.settings.of(channel.name).delays
                self._report(message, plan(tuple(missing), delays, {}))

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
        if not settings.admits(authorization):
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
        message = self._accept(channel, account, self._looked_at(channel, send), raw)
        wait = fault.seconds or 0.0 if fault else 0.0
        return Answer(channel.answer(send, message.id), wait=wait)

    def _looked_at(self, channel: Channel, send: Send) -> Send:
        """The send, refused if the provider would refuse its media before accepting it."""
        if send.media is None:
            return send
        if send.media.id is not None:
            self.media.uploaded(channel.name, send.media.id)
        if channel.reports_failures:
            return send
        return replace(send, media=self.media.load(channel, send.media))

    def _accept(self, channel: Channel, account: str, send: Send, raw: bytes) -> SentMessage:
        message = SentMessage(
            id=channel.new_id(account, send.address),
            channel=channel.name,
            account=account,
            address=send.address,
            type=send.type,
            text=send.text,
            opaque=send.opaque,
            raw=raw,
            received_at=int(time.time() * 1000),
            media=send.media,
        )
        self.people.receive(message)
        self._count(channel.name, "accepted")
        faults = {
            kind: fault
            for kind in ABOUT_STATUSES
            if (fault := self.faults.take(channel.name, send.address, kind))
        }
        if send.media is None or send.media.state == "fetched":
            delays = self.settings.of(channel.name).delays
            self._report(message, plan(channel.reports, delays, faults))
        else:
            self._fetching.run(partial(self._load, channel, message, faults, self._era))
        return message

    def _load(
        self, channel: Channel, message: SentMessage, faults: Mapping[str, Fault], era: object
    ) -> None:
        """Have a look at a message's media, and report its statuses, or that it failed."""
        if message.media is None or era is not self._era:
            return
        delays, details = self.settings.of(channel.name).delays, None
        try:
            message.media = self.media.load(channel, message.media)
            planned = plan(channel.reports, delays, faults)
        except GraphError as error:
            message.media = replace(message.media, state="failed", error=error.details)
            planned, details = [Planned(0.0, "failed", error.code)], error.details
        if era is self._era:  # after a reset nobody waits for it
            self._report(message, planned, details)

    def _report(
        self, message: SentMessage, planned: list[Planned], details: str | None = None
    ) -> None:
        message.planned = [one.status for one in planned]
        now = time.time()
        receipts = [
            (one.delay, Receipt(message, one.status, now + one.delay, one.code, details))
            for one in planned
        ]
        self.outboxes[message.channel].put(message.id, receipts)

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
        """Forget people, inboxes, media, faults, counts and what waits; keep the settings."""
        self._era = object()
        self.faults.clear()
        self.people.clear()
        self.media.clear()
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
