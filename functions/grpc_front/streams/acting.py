"""What a client asks for on Messages.Stream: each frame has its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import Field, StringConstraints

from chat4all.access.tokens import Verified
from chat4all.api import conversations, messages
from chat4all.api.admission import spend
from chat4all.bootstrap.access import limits
from chat4all.bootstrap.streaming import inbox, must_be_there
from chat4all.caller import Caller
from chat4all.errors import Conflict, Unauthenticated
from chat4all.ids import ConversationId, UserId
from chat4all.message import NewMessage
from chat4all.messaging import MAX_BATCH, Accepted
from chat4all.realtime.frames import Seq
from chat4all.streaming.inbox import Inbox
from grpc_front.admission import verify
from grpc_front.converting import from_message, wrong
from grpc_front.errors import told
from grpc_front.generated.chat4all.v1 import messages_pb2
from grpc_front.requests import Asked, SyncCursor, read
from grpc_front.streams.access import ACTIONS, admit

MAX_RUN = MAX_BATCH
"""Messages that are accepted together."""
MAX_REQUEST_ID = 64
Response = messages_pb2.MessagesStreamResponse
Outcome = Accepted | BaseException


class Start(Asked):
    cursor: SyncCursor | None = None
    user_id: UserId | None = None


class Mark(Asked):
    conversation_id: ConversationId
    up_to_seq: Seq
    user_id: UserId | None = None


class Renewal(Asked):
    token: Annotated[str, StringConstraints(min_length=1, max_length=8192)] = Field(repr=False)


class Acting:
    """For one stream. Its methods wait for the network; not for several threads at once."""

    def __init__(self, verified: Verified) -> None:
        self.caller = verified.caller
        self.expires_at = verified.expires_at
        """Seconds since 1970: the stream's end, unless the token is renewed."""
        self.inbox: Inbox | None = None
        """There once the stream was started."""
        self.begun_at = ""
        """The cursor that it was started with."""

    def opened(self) -> None:
        """Raises RateLimited, Unavailable."""
        take_live(self.caller)

    def must_be_there(self) -> None:
        """The user whose events are pushed. Raises Unauthenticated, NotFound, Unavailable."""
        if self.inbox is not None:
            must_be_there(self.caller, self.inbox.user_id, self.inbox.cursor)

    def answers(self, run: Sequence[Any]) -> list[Response]:
        """To one frame, or to several that send. It raises nothing for what a client did, nor when
        something under us is down: that is the frame's answer."""
        sends = [request for request in run if request.WhichOneof("action") == "send"]
        if sends:
            return [
                _answer(r, outcome) for r, outcome in zip(sends, self._send(sends), strict=True)
            ]
        return [self._answered(request) for request in run]

    def _answered(self, request: Any) -> Response:
        try:
            return Response(request_id=_id_of(request), done=self._done(request))
        except Exception as error:
            return _answer(request, error)

    def _done(self, request: Any) -> messages_pb2.StreamDone:
        action = self._admitted(request)
        done = messages_pb2.StreamDone()
        if not action:
            raise wrong(("action",), "this is missing")
        given = from_message(getattr(request, action), (action,))
        match action:
            case "start":
                self._start(read(Start, given, action))
            case "ack":
                conversations.delivered(self.caller, **self._marked(given, action))
            case "read":
                spend(self.caller)
                conversations.read(self.caller, **self._marked(given, action))
            case "renew":
                self._renew(read(Renewal, given, action).token)
                done.token_expires_at.CopyFrom(Timestamp(seconds=self.expires_at))
        return done

    def _marked(self, given: Mapping[str, Any], action: str) -> dict[str, Any]:
        """For whom the stream was started, unless another user is named."""
        mark = dict(read(Mark, given, action))
        if mark["user_id"] is None and self.inbox is not None:
            mark["user_id"] = self.inbox.user_id
        return mark

    def _admitted(self, request: Any) -> str:
        if len(request.request_id) > MAX_REQUEST_ID:
            raise wrong(("request_id",), f"at most {MAX_REQUEST_ID} characters are allowed")
        return admit(self.caller, request)

    def _start(self, asked: Start) -> None:
        if self.inbox is not None:
            raise Conflict("already_started", "The stream was started: start another one.")
        take_live(self.caller)
        self.inbox = inbox(self.caller, asked.user_id, asked.cursor)
        self.begun_at = asked.cursor or ""

    def _renew(self, token: str) -> None:
        take_live(self.caller)
        new = verify(token)
        old = self.caller
        if (new.caller.kind, new.caller.subject) != (old.kind, old.subject):
            raise Unauthenticated("invalid_token", "The token is another caller's.")
        if self.inbox is not None:
            ACTIONS["start"].admit(new.caller)
        self.caller = replace(new.caller, address=old.address)
        self.expires_at = new.expires_at

    def _send(self, requests: Sequence[Any]) -> list[Outcome]:
        """In their order, as one batch."""
        news: dict[int, NewMessage] = {}
        outcomes: dict[int, Outcome] = {}
        for number, request in enumerate(requests):
            try:
                self._admitted(request)
                given = from_message(request.send, ("send",))
                new = read(NewMessage, given, "send")
                spend(self.caller)
                news[number] = new
            except Exception as error:
                outcomes[number] = error
        try:
            accepted: Sequence[Outcome] = messages.send_each(self.caller, list(news.values()))
        except Exception as error:
            accepted = [error] * len(news)
        outcomes |= dict(zip(news, accepted, strict=True))
        return [outcomes[number] for number in range(len(requests))]


def take_live(caller: Caller) -> None:
    """Opening, starting and renewing: as over sockets, for a user on all of them together."""
    limits().take_live(caller.subject, "stream" if caller.is_service else "live")


def _answer(request: Any, outcome: Outcome) -> Response:
    if isinstance(outcome, Accepted):
        said: Mapping[str, Any] = {"message_id": outcome.message_id, "replayed": outcome.replayed}
        accepted = messages_pb2.MessagesSendResponse(**said)
        return Response(request_id=_id_of(request), accepted=accepted)
    return Response(request_id=_id_of(request), error=told(outcome))


def _id_of(request: Any) -> str:
    """As far as it is one."""
    return request.request_id if len(request.request_id) <= MAX_REQUEST_ID else ""
