"""The same answers of the local emulator, for less work: for ministack_launcher.py.

What MiniStack 1.5.33 works out again for every request is kept: how a statement, a condition or an
ARN reads, who a caller is. Nothing here changes what is stored, allowed or answered.
"""

import copy
import json
import time
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

STATEMENTS_KEPT = 1000
PRINCIPALS_KEPT = 1.0  # seconds, as a role's policies
_ATOMS = frozenset({str, int, float, bool, bytes, type(None)})


def keep_statements(tables: Any) -> None:
    """Read a PartiQL statement once for each way its parameters are typed. The next time its values
    are put in where those of the first time ended up."""
    original = tables.parse_partiql_statement
    kept: dict[tuple[Any, ...], Any] = {}

    def parse(text: str, parameters: Any) -> Any:
        if not parameters or not all(type(p) is dict and len(p) == 1 for p in parameters):
            return original(text, parameters)
        how = (text, *(next(iter(parameter)) for parameter in parameters))
        if how in kept:
            return _fill(kept[how], parameters)
        marks = [dict(parameter) for parameter in parameters]  # each an object of its own
        parsed = original(text, marks)
        places = {id(mark): number for number, mark in enumerate(marks)}
        found: set[int] = set()
        form = _form(parsed, places, found)
        if len(found) == len(marks):  # else a value was looked into, not only put somewhere
            if len(kept) >= STATEMENTS_KEPT:
                kept.clear()
            kept[how] = form
        return parsed

    tables.parse_partiql_statement = parse


class _Place:
    """Where a parameter goes."""

    def __init__(self, number: int) -> None:
        self.number = number


def _form(node: Any, places: dict[int, int], found: set[int]) -> Any:
    """A copy of the parsed statement with a _Place for each parameter."""
    if id(node) in places:
        found.add(places[id(node)])
        return _Place(places[id(node)])
    if type(node) in (tuple, list):
        return type(node)(_form(child, places, found) for child in node)
    if type(node) is dict:
        return {name: _form(child, places, found) for name, child in node.items()}
    return node


def _fill(form: Any, parameters: Sequence[Any]) -> Any:
    kind = type(form)
    if kind is _Place:
        return parameters[form.number]
    if kind is tuple:
        return tuple([_fill(child, parameters) for child in form])
    if kind is list:
        return [_fill(child, parameters) for child in form]
    if kind is dict:
        return {name: _fill(child, parameters) for name, child in form.items()}
    return form


def copy_plainly(tables: Any) -> None:
    """Copy items as what they are: dicts and lists of text, in which nothing is its own part."""
    tables.copy = SimpleNamespace(copy=copy.copy, deepcopy=plain_copy)


def plain_copy(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {name: plain_copy(child) for name, child in value.items()}
    if kind is list:
        return [plain_copy(child) for child in value]
    return value if kind in _ATOMS else copy.deepcopy(value)


def read_expressions_once(tables: Any) -> None:
    """Check the grammar of the same condition once. It raises again each time it raises."""
    tables._condition_syntax_error = lru_cache(STATEMENTS_KEPT)(tables._condition_syntax_error)


def read_arns_once(*services: Any) -> None:
    """An ARN, once read, cannot be changed."""
    for service in services:
        service.parse_arn = lru_cache(STATEMENTS_KEPT)(service.parse_arn)


def keep_principals(evaluator: Any) -> None:
    """Remember for a second who has an access key. Its signature is checked with every request."""
    original = evaluator.resolve_principal
    kept: dict[tuple[str, str], tuple[float, Any]] = {}

    def resolve(access_key: str, account: str, credential: Any = None) -> Any:
        now = time.monotonic()
        read_at, principal = kept.get((access_key, account), (0.0, None))
        if principal is None or now - read_at > PRINCIPALS_KEPT:
            principal = original(access_key, account, credential)
            if isinstance(principal, evaluator.PrincipalInfo):
                kept[access_key, account] = (now, principal)
            else:
                kept.pop((access_key, account), None)
        return principal

    evaluator.resolve_principal = resolve


def read_bodies_once(actions: Any) -> None:
    """IAM's parts look into the same body one after the other, and change nothing in it."""
    last: list[tuple[Any, Any]] = [(None, None)]

    def loads(body: Any) -> Any:
        known, content = last[0]
        if known is not body:
            content = json.loads(body)
            last[0] = (body, content)
        return content

    actions.json = SimpleNamespace(
        loads=loads, dumps=json.dumps, JSONDecodeError=json.JSONDecodeError
    )


def pass_empty_queues(queues: Any) -> None:
    """The loop that hands out batches looks at every queue: at one without messages, no further."""
    original = queues._receive_messages_for_esm

    def receive(queue_url: str, most: int) -> Any:
        queue = queues._queues.get(queue_url)
        return original(queue_url, most) if queue and queue["messages"] else []

    queues._receive_messages_for_esm = receive


def leave_out_cors(application: Any) -> None:
    """Headers for browsers only to who says where from it asks, as browsers do."""
    original = application._dispatch_service_request

    async def dispatch(
        method: str, path: str, headers: dict[str, str], body: bytes, *more: Any
    ) -> Any:
        status, answered, content = await original(method, path, headers, body, *more)
        if "origin" not in headers:
            answered = {k: v for k, v in answered.items() if not k.startswith("Access-Control-")}
        return status, answered, content

    application._dispatch_service_request = dispatch
