"""What a connected client asks for: each frame is answered on its socket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chat4all.access.limits import Limits
from chat4all.conversations import Conversations
from chat4all.errors import ConnectionGone, Raced, Rejected, Unauthenticated, Unavailable
from chat4all.events import Event, event_id
from chat4all.events.types import TYPING
from chat4all.messaging import Messaging
from chat4all.ports import Clock
from chat4all.ports.realtime import ConnectionStore, Sockets
from chat4all.realtime import access, frames
from chat4all.realtime.answers import Answer, answer, refusal, unavailable, wire
from chat4all.realtime.connecting import Connecting
from chat4all.realtime.connection import SEEN_EVERY_MS, Connection
from chat4all.realtime.resuming import Resumed, Resuming
from chat4all.timestamps import iso

TYPING_EVERY_MS = 1_000
"""More often, nobody is told that a connection types in a conversation, nor that it has stopped:
two frames a second at the most, in whatever order they come."""

COUNTED = ("send", "read")
"""Actions that count as requests that change something. `ack` does not: a client acknowledges each
message that comes in, so others would use up the minute of whom they write to."""
LIVE = ("resume", "renew")
"""What changes nothing and costs more than a small write, as typing does: counted apart."""


class Announces(Protocol):
    def announce(self, events: Sequence[Event]) -> None:
        """Publish them, if anybody listens. Raises Unavailable."""
        ...


class Acting:
    def __init__(
        self,
        connections: ConnectionStore,
        sockets: Sockets,
        connecting: Connecting,
        messaging: Messaging,
        conversations: Conversations,
        resuming: Resuming,
        announcer: Announces,
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._connections = connections
        self._sockets = sockets
        self._connecting = connecting
        self._messaging = messaging
        self._conversations = conversations
        self._resuming = resuming
        self._announcer = announcer
        self._limits = limits
        self._clock = clock
        self._typed: dict[tuple[str, str, bool], int] = {}

    def act(self, connection_id: str, body: str) -> str:
        """Do what a frame says and answer it; what became of it, in a word for the log.

        It raises nothing for what a client did, nor when something under us is down: the client is
        told then, if it can be reached, and says the same again.
        """
        try:
            connection = self._connections.get(connection_id)
            if connection is None:
                self._sockets.close(connection_id)
                return "unknown_connection"
            outcome, answers = self._answered(connection, body)
            for found in answers:
                self._sockets.post(connection_id, wire(found))
            if connection.token_expires_at <= self._clock.now():
                self._sockets.close(connection_id)
                self._connecting.disconnect(connection_id)
        except ConnectionGone:
            return "gone"  # its end comes as an event of its own, or is noticed by a push
        except Unavailable:
            return "unanswered"
        return outcome

    def _answered(self, connection: Connection, body: str) -> tuple[str, list[Answer]]:
        """In a word, and what goes to the client."""
        request_id: str | None = None
        try:
            value = frames.parsed(body)
            request_id = frames.request_id_of(value)
            if connection.token_expires_at <= self._clock.now():
                raise Unauthenticated("invalid_token", "The token has expired.")
            self._note_life(connection)
            access.admit(connection.caller(), value)
            frame = frames.frame_of(value)
            return frame.action, self._done(connection, frame)
        except Rejected as error:
            return error.code, [refusal(request_id, error)]
        except (Unavailable, Raced):
            return "unavailable", [unavailable(request_id)]

    def _note_life(self, connection: Connection) -> None:
        now = self._clock.now()
        if now - connection.seen_at >= SEEN_EVERY_MS:
            self._connections.seen(connection.connection_id, now)

    def _done(self, connection: Connection, frame: frames.Frame) -> list[Answer]:
        """Raises Rejected, Unavailable, Raced."""
        caller, request_id = connection.caller(), frame.request_id
        if frame.action in COUNTED:
            self._limits.take(caller)
        if frame.action in LIVE:
            self._limits.take_live(caller.subject)
        match frame:
            case frames.Send(message=message, traceparent=traceparent):
                traced = replace(caller, trace=traceparent)
                accepted = self._messaging.accept(traced, message)
                outcome = {"message_id": accepted.message_id, "replayed": accepted.replayed}
                return [answer("accepted", request_id, **outcome)]
            case frames.Read(conversation_id=conversation_id, up_to_seq=seq):
                self._conversations.read(caller, conversation_id, None, seq)
            case frames.Ack(conversation_id=conversation_id, up_to_seq=seq):
                self._conversations.delivered(caller, conversation_id, None, seq)
            case frames.Typing():
                self._type(connection, frame)
                if request_id is None:
                    return []
            case frames.Ping():
                return [answer("pong", request_id, at=iso(self._clock.now()))]
            case frames.Renew(token=token):
                renewed = self._connecting.renew(connection, token)
                return [answer("ok", request_id, expires_at=iso(renewed.token_expires_at))]
            case frames.Resume(conversations=None, cursor=cursor):
                return _resumed(request_id, self._resuming.by_cursor(caller, cursor))
            case frames.Resume(conversations=dict(seen)):
                return _resumed(request_id, self._resuming.by_seqs(caller, seen))
        return [answer("ok", request_id)]

    def _type(self, connection: Connection, frame: frames.Typing) -> None:
        now, user_id = self._clock.now(), connection.user_id
        key = (connection.connection_id, frame.conversation_id, frame.typing)
        if self._said_just_now(key, now):
            return  # and costs nothing: not even a look at who is a member
        self._limits.take_live(user_id, "typing")
        self._conversations.find(connection.caller(), frame.conversation_id)
        self._typed[key] = now
        data = {
            "conversation_id": frame.conversation_id,
            "user_id": user_id,
            "typing": frame.typing,
        }
        change = (frame.conversation_id, connection.connection_id, str(frame.typing))
        event = {"id": event_id(now, TYPING, *change), "type": TYPING, "timestamp": iso(now)}
        self._announcer.announce([{**event, "data": data}])

    def _said_just_now(self, key: tuple[str, str, bool], now: int) -> bool:
        """As far as this process knows: each frame of one client may cost a push to many."""
        self._typed = {k: at for k, at in self._typed.items() if now - at < TYPING_EVERY_MS}
        return key in self._typed


def _resumed(request_id: str | None, resumed: Resumed) -> list[Answer]:
    """The events, as they are pushed, and then where that leaves the client."""
    end = answer(
        "resumed",
        request_id,
        cursor=resumed.cursor,
        has_more=resumed.more,
        complete=resumed.complete,
    )
    return [*resumed.events, end | ({"gone": resumed.gone} if resumed.gone else {})]
