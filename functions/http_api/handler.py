"""The public API. Trigger: the HTTP API, all routes but the providers' callbacks."""

from __future__ import annotations

import json
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from chat4all.errors import Raced, Rejected, Unavailable
from chat4all.observability import log_bug, logger, observed
from chat4all.strict_transport import strict_transport
from http_api import (
    routes_audit,
    routes_auth,
    routes_clients,
    routes_conversations,
    routes_events,
    routes_files,
    routes_messages,
    routes_realtime,
    routes_uppy,
    routes_users,
    routes_webhooks,
)
from http_api.admission import FORMS, UnsupportedMediaType, admit
from http_api.documentation import openapi_json, page, swagger_page
from http_api.problems import not_valid, problem, rejected, unavailable
from http_api.requests import no_unknown_query

app = APIGatewayHttpResolver(
    enable_validation=True,
    serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
)
for routes in (
    routes_messages,
    routes_conversations,
    routes_files,
    routes_uppy,
    routes_users,
    routes_events,
    routes_webhooks,
    routes_realtime,
    routes_auth,
    routes_clients,
    routes_audit,
):
    app.include_router(routes.router)
app.use(middlewares=[no_unknown_query])


@app.get("/healthz", tags=["operations"], summary="Whether the API answers")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    return page("application/json", _document(), _accept_encoding())


@app.get("/docs", include_in_schema=False)
def docs() -> Response[str]:
    return page("text/html; charset=utf-8", swagger_page(), _accept_encoding())


def _accept_encoding() -> str:
    return str(app.current_event.headers.get("accept-encoding", ""))


@cache
def _document() -> str:
    return openapi_json(app)


@app.exception_handler(Rejected)
def on_rejected(error: Rejected) -> Response[str]:
    return rejected(error)


@app.exception_handler([Unavailable, Raced])
def on_unavailable(error: Exception) -> Response[str]:
    logger().warning("unavailable", reason=str(error))
    return unavailable()


@app.exception_handler(RequestValidationError)
def on_invalid(error: RequestValidationError) -> Response[str]:
    return not_valid(list(error.errors()))


@app.exception_handler(RequestUnsupportedContentType)
def on_content_type(error: RequestUnsupportedContentType) -> Response[str]:
    return rejected(UnsupportedMediaType())


@app.exception_handler([RecursionError, UnicodeDecodeError, json.JSONDecodeError])
def on_bad_body(error: Exception) -> Response[str]:
    return problem(400, "bad_json", "Bad request", "The body is no JSON that we can read.")


@app.not_found
def on_no_route(error: NotFoundError) -> Response[str]:
    return problem(404, "route_not_found", "Not found", "There is no such route.")


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    headers: dict[str, str] = {}
    try:
        headers = admit(event)
        answer = app.resolve(event, context)
    except Rejected as error:
        if event["rawPath"] in FORMS:
            error.extra["error"] = "invalid_request"  # the word of RFC 6749
        logger().info("not admitted", code=error.code)
        answer = _plain(rejected(error))
    except Unavailable as error:
        answer = _plain(on_unavailable(error))
    except Exception as error:  # the last line: a bug is answered and told, and ends no process
        log_bug(error)
        answer = _plain(_our_fault())
    headers |= strict_transport(event)
    answer["headers"] = {**headers, **answer.get("headers", {})}  # a route may know better
    return answer


def _our_fault() -> Response[str]:
    detail = "This is our fault. It has been logged."
    return problem(500, "internal_error", "Internal server error", detail)


def _plain(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "headers": {"content-type": response.content_type, **response.headers},
        "body": response.body,
    }
