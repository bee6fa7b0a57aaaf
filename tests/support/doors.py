"""The ways in, as a caller meets them: the gateway's own part is played by what template.yaml says,
then the real handlers run."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol, get_args

import yaml

from chat4all.access.rules import Rule
from chat4all.adapters.memory.realtime import MemorySockets
from chat4all.api.access import ROUTES
from chat4all.realtime import frames
from chat4all.realtime.access import ACTIONS, CONNECTING
from tests.cloud import CONTEXT, request

BY_THE_GATEWAY = "gateway"
"""Stands for the code of what the gateway answers by itself: it has none."""


@dataclass(frozen=True)
class Seen:
    """What came back: all of it, and what of it says what it is."""

    status: int
    code: str
    headers: Mapping[str, str]
    text: str

    @property
    def fine(self) -> bool:
        return self.status < 400


class Door(Protocol):
    """A way into the API. `operations` is what the code offers, whatever the tables say."""

    name: str
    rules: Mapping[str, Rule]
    least: frozenset[str]
    """Scopes without which nobody gets as far as an operation."""

    @property
    def operations(self) -> set[str]: ...

    def refusal(self, column: str) -> tuple[int, str]:
        """How a token of this column is refused: status and code."""
        ...

    def ask(
        self,
        operation: str,
        token: str | None,
        ids: Mapping[str, str],
        body: Any,
        query: Mapping[str, str],
    ) -> Seen: ...


class HttpDoor:
    name = "HTTP"
    rules = ROUTES
    least: frozenset[str] = frozenset()

    @cached_property
    def operations(self) -> set[str]:
        """What the router serves, the description tells of, or the gateway leaves open."""
        from http_api.handler import app

        served = {
            re.sub(r"<(\w+)>", r"{\1}", f"{route.method} {route.path}")
            for route in (*app._static_routes, *app._dynamic_routes)
        }
        document = json.loads(app.get_openapi_json_schema(title="", version=""))
        told = {f"{m.upper()} {path}" for path, them in document["paths"].items() for m in them}
        return served | told | open_routes()

    def refusal(self, column: str) -> tuple[int, str]:
        return (401 if column == "no token" else 403), BY_THE_GATEWAY

    def ask(
        self,
        operation: str,
        token: str | None,
        ids: Mapping[str, str],
        body: Any,
        query: Mapping[str, str],
    ) -> Seen:
        method, _, path = operation.partition(" ")
        answer = request(behind_the_gateway(token), method, path.format(**ids), body, query=query)
        code = ""
        if answer.status >= 400:
            code = str(json.loads(answer.text).get("code", BY_THE_GATEWAY))
        return Seen(answer.status, code, answer.headers, answer.text)


def behind_the_gateway(token: str | None) -> Any:
    """The API's handler as it is reached with this token, or whatever keeps it from being so."""
    from authorize_request.handler import lambda_handler as authorize
    from http_api.handler import lambda_handler as serve

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        asked = event["requestContext"]["http"]
        del event["requestContext"]["authorizer"]
        if not is_open(asked["method"], asked["path"]):
            if token is None:
                return {"statusCode": 401, "body": '{"message":"Unauthorized"}'}
            headers = {"authorization": f"Bearer {token}"}
            found = authorize({"type": "REQUEST", "headers": headers}, context)
            if not found["isAuthorized"]:
                return {"statusCode": 403, "body": '{"message":"Forbidden"}'}
            event["requestContext"]["authorizer"] = {"lambda": found["context"]}
        return serve(event, context)

    return handler


def is_open(method: str, path: str) -> bool:
    """Whether the gateway asks nobody."""
    patterns = [
        "[^/]+".join(map(re.escape, re.split(r"{\w+}", route)))
        for route in open_routes() | provider_routes()
    ]
    return any(re.fullmatch(pattern, f"{method} {path}") for pattern in patterns)


def open_routes() -> set[str]:
    """Those of the API."""
    return {key for key, to in _open_routes().items() if to == "HttpApiIntegration"}


def provider_routes() -> set[str]:
    """Those that a signature opens, or a verify token."""
    return {key for key, to in _open_routes().items() if to == "ReceiveCallbackIntegration"}


@cache
def _open_routes() -> dict[str, str]:
    """The integration of each HTTP route that goes without an authorizer."""
    resources = yaml.load(_TEMPLATE.read_text(), Loader=_Tags)["Resources"].values()
    routes = [r["Properties"] for r in resources if r["Type"] == "AWS::ApiGatewayV2::Route"]
    return {
        r["RouteKey"]: re.sub(r".*{(\w+)}", r"\1", r["Target"])
        for r in routes
        if r["ApiId"] == "Api" and r.get("AuthorizationType", "NONE") == "NONE"
    }


class _Tags(yaml.SafeLoader):
    """Reads a CloudFormation tag as its bare value."""


_Tags.add_multi_constructor(
    "!", lambda loader, _, node: getattr(loader, f"construct_{node.id}")(node)
)
_TEMPLATE = Path(__file__).parents[2] / "template.yaml"


class SocketDoor:
    """Each frame comes by a connection of its own, which its token opens."""

    name = "WebSocket"
    rules: Mapping[str, Rule] = {"$connect": CONNECTING, **ACTIONS}
    least = CONNECTING.scopes

    def __init__(self) -> None:
        self.sockets = MemorySockets()
        self._numbers = itertools.count()

    @cached_property
    def operations(self) -> set[str]:
        """The actions that a frame can have."""
        actions = [get_args(f.model_fields["action"].annotation) for f in get_args(frames.Frame)]
        return {"$connect", *itertools.chain(*actions)}

    def refusal(self, column: str) -> tuple[int, str]:
        return 401, "invalid_token"

    def ask(
        self,
        operation: str,
        token: str | None,
        ids: Mapping[str, str],
        body: Any,
        query: Mapping[str, str],
    ) -> Seen:
        connection_id = f"c-{next(self._numbers)}"
        headers = {"sec-websocket-protocol": f"chat4all, bearer.{token}"} if token else {}
        answer = _sockets("CONNECT", connection_id, headers=headers)
        if answer["statusCode"] != 200 or operation == "$connect":
            code = json.loads(answer.get("body", "{}")).get("code", "")
            self._must_be_dumb(connection_id, code)
            shown = {name.lower(): value for name, value in answer["headers"].items()}
            return Seen(answer["statusCode"], code, shown, answer.get("body", ""))
        frame = {"action": operation, "request_id": "r", **(body or {})}
        _sockets("MESSAGE", connection_id, body=json.dumps(frame))
        _sockets("DISCONNECT", connection_id)
        told = self.sockets.posted[connection_id]
        problem = told[-1].get("problem", {"status": 200, "code": ""})
        return Seen(problem["status"], problem["code"], {}, json.dumps(told))

    def _must_be_dumb(self, connection_id: str, code: str) -> None:
        """Whom the handshake refused, no frame is answered."""
        if code:
            _sockets("MESSAGE", connection_id, body='{"action": "ping"}')
            assert not self.sockets.posted.get(connection_id)


def _sockets(event_type: str, connection_id: str, **more: Any) -> dict[str, Any]:
    from connect_client.handler import lambda_handler

    context = {
        "eventType": event_type,
        "connectionId": connection_id,
        "stage": "v1",
        "identity": {"sourceIp": "127.0.0.1"},
    }
    event = {"requestContext": context, "isBase64Encoded": False, **more}
    return lambda_handler(event, CONTEXT)
