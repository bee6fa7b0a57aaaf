"""What the table of methods is made of, and those of its operations that take more than a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from google.protobuf.message import Message
from pydantic import BaseModel

from chat4all.access.limits import Allowance
from chat4all.access.rules import Rule, Who
from chat4all.api import conversations, messages, tokens
from chat4all.api.access import ROUTES
from chat4all.api.views.messages import BatchOutcome
from chat4all.api.views.tokens import TokenOut
from chat4all.caller import Caller
from chat4all.conversation import NewConversation
from chat4all.errors import Invalid
from chat4all.message import NewMessage
from chat4all.messaging import MAX_BATCH
from grpc_front.converting import from_message, wrong
from grpc_front.errors import status_of, status_of_problem
from grpc_front.requests import Asked, Keyed, Nothing, part, read, taken_away

View = BaseModel | Mapping[str, Any]
Run = Callable[[Any, Any], "View | Answer | None"]
"""Takes the caller, and what is asked; where nobody is the caller, the address. None is
an answer without fields."""


class Answer(NamedTuple):
    """What the response has in its fields."""

    view: View
    allowance: Allowance | None = None
    """What is left of the minute, where the operation itself has taken from it."""


class Method(NamedTuple):
    route: str
    """What is the same over REST, as ROUTES calls it; empty where nothing is."""
    rule: Rule
    run: Run | None
    """None for a stream."""

    @property
    def changes(self) -> bool:
        return self.run is not None and not self.route.startswith("GET ")

    @property
    def writes(self) -> bool:
        """Whether it costs one of the caller's minute."""
        return self.changes and self.rule.who is not Who.ANYONE


def asks(
    route: str,
    operation: Callable[[Any, Any, Any], View | Answer | None],
    named: type[Asked] = Nothing,
    body: type[BaseModel] = Nothing,
    clearable: Sequence[str] = (),
) -> Method:
    """A method that does what a route does. `operation` takes the caller, what the request's fields
    say that REST has in the path and the query, and what it has in the body. `clearable` is what a
    change may take away, by the field `clear`: what is null over REST."""

    def run(by: Any, request: Message) -> View | Answer | None:
        given = taken_away(from_message(request), clearable)
        names = named.model_fields
        of = read(named, {name: value for name, value in given.items() if name in names})
        new = read(body, {name: value for name, value in given.items() if name not in names})
        return operation(by, of, new)

    return Method(route, ROUTES[route], run)


def does(route: str, run: Run) -> Method:
    """The same for one whose request has another shape."""
    return Method(route, ROUTES[route], run)


def streams(rule: Rule, route: str = "") -> Method:
    return Method(route, rule, None)


def paged(name: str, page: Any) -> View:
    """`name` is the response's field of what REST calls `items`."""
    return {**dict(page), name: page.items}


def send(caller: Caller, request: Any) -> View:
    new = read(NewMessage, from_message(part(request, "message"), ("message",)), "message")
    accepted = messages.send(caller, new)
    return {"message_id": accepted.message_id, "replayed": accepted.replayed}


def send_batch(caller: Caller, request: Any) -> Answer:
    if not 1 <= len(request.messages) <= MAX_BATCH:
        raise wrong(("messages",), f"there must be 1 to {MAX_BATCH}")
    wrong_ones: dict[int, Invalid] = {}
    items: list[NewMessage | None] = []
    for number, message in enumerate(request.messages):
        try:
            items.append(read(NewMessage, from_message(message)))
        except Invalid as error:
            items.append(None)
            wrong_ones[number] = error
    done = messages.send_batch(caller, items)
    outcomes = [_outcome(item, wrong_ones.get(n)) for n, item in enumerate(done.items)]
    return Answer({"outcomes": outcomes}, done.allowance)


def _outcome(item: BatchOutcome, wrong: Invalid | None) -> View:
    """`wrong` has the .proto file's names, which the product's own error has not."""
    if wrong is not None:
        return {"error": status_of(wrong)}
    error = None if item.error is None else status_of_problem(item.error.model_dump())
    return {**dict(item), "error": error}


def open_conversation(caller: Caller, request: Message) -> View:
    given = from_message(request)
    key = read(Keyed, {k: given.pop(k) for k in ("idempotency_key",) if k in given})
    new = read(NewConversation, given)
    conversation, created = conversations.open(caller, new, key.idempotency_key)
    return {"conversation": conversation, "created": created}


def sync(caller: Caller, of: Any) -> View:
    found = conversations.sync(caller, **dict(of))
    parts = [
        {"conversation": part, "messages": part.messages, "statuses": part.statuses}
        for part in found.conversations
    ]
    return {**dict(found), "conversations": parts}


def issue_token(address: str, request: Any) -> View:
    match request.WhichOneof("grant"):
        case "client_credentials":
            given = from_message(request.client_credentials, ("client_credentials",))
            if "scopes" in given:
                given["scope"] = " ".join(given.pop("scopes"))
        case "refresh_token":
            given = {"grant_type": "refresh_token", "refresh_token": request.refresh_token}
        case _:
            raise wrong(("grant",), "this is missing")
    return token(tokens.issue(given, address))


def token(issued: TokenOut) -> View:
    return {"token": {**dict(issued), "scopes": issued.scope.split()}}
