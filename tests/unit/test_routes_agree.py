"""No request is judged by one route's rule and served by another, whatever its path looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat4all.api.access import ROUTES, route_for
from http_api.handler import app, lambda_handler
from tests.cloud import assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")
VALUES = st.sampled_from(
    [
        "ana",
        "s3",
        "multipart",
        "batch",
        "complete",
        "params",
        "initiate",
        "1",
        "00000000-0000-4000-8000-000000000404",
    ]
)
ODD = st.sampled_from(
    [
        "/",
        "//",
        ".",
        "..",
        "/./",
        "/../",
        "%2F",
        "%2f",
        "%2e%2e",
        "%00",
        "%",
        "?",
        "#",
        ";",
        "\\",
        "\n",
        "\r\n",
        "\x00",
        " ",
        "é",
        "٣",
        "\u2215",
        "A",
        "<id>",
        "{id}",
        '"',
        "",
    ]
)
METHODS = st.sampled_from(
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "Post", "TRACE", "", "GET "]
)


@st.composite
def paths(draw: st.DrawFn) -> str:
    """A route's path with values in it, and then perhaps something odd somewhere."""
    path = draw(st.sampled_from(sorted(ROUTES))).partition(" ")[2]
    path = re.sub(r"{\w+}", lambda _: draw(VALUES), path)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(path)))
        cut = draw(st.integers(at, min(len(path), at + 3)))
        path = path[:at] + draw(ODD) + path[cut:]
    return draw(st.sampled_from([path, path.upper(), path + "/", "/" + path, path.rstrip("/")]))


def served(method: str, path: str) -> str | None:
    """The route that Powertools would call, which is the first that fits."""
    for route in (*app._static_routes, *app._dynamic_routes):
        if route.method == method.upper() and route.rule.match(path):
            return re.sub(r"<(\w+)>", r"{\1}", f"{route.method} {route.path}")
    return None


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[None]:
    with cloud():
        yield


@given(METHODS, paths())
@example("GET", "/openapiXjson")
@example("GET", "/v1/users/ana\n")
@example("GET", "/v1/messages/..%2Fconversations")
@example("GET", "/f/../v1/webhooks")
@example("GET", "/v1//users/ana")
@example("GET", "/v1/files/s3/multipart/a/batch")
def test_what_is_judged_is_what_is_served(method: str, path: str) -> None:
    judged, called = route_for(method, path), served(method, path)

    if judged != called:
        answer = request(lambda_handler, method, path, public=method == "", body=None)
        assert_problem(answer, 404, "route_not_found")
        assert None in (judged, called), "both have a route, and not the same"


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_each_route_is_judged_and_served_as_itself(route: str) -> None:
    method, _, pattern = route.partition(" ")
    path = re.sub(r"{\w+}", "value-1", pattern)

    assert route_for(method, path) == route
    assert served(method, path) == route


@pytest.mark.parametrize("change", [str.lower, lambda m: f" {m}", lambda m: f"{m}\n"])
def test_a_method_is_taken_as_it_is_written(change) -> None:
    answer = request(lambda_handler, change("GET"), "/healthz", public=True)

    assert_problem(answer, 404, "route_not_found")


def test_a_route_that_the_gateway_left_open_by_mistake_still_asks_for_a_token() -> None:
    answer = request(lambda_handler, "GET", "/v1/webhooks", public=True)

    assert_problem(answer, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == "Bearer"
