"""HSTS: every answer to who came by TLS has it, and no other."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cloud import CONTEXT, Cloud, cloud, request

pytestmark = pytest.mark.req("RNF-009")
HEADER = "strict-transport-security"
TWO_YEARS = "max-age=63072000; includeSubDomains"


@pytest.fixture(scope="module")
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/v1/nowhere", 404), ("/v1/users/nobody", 404)]
)
@pytest.mark.parametrize(
    ("proto", "expected"), [("https", TWO_YEARS), ("http", None), (None, None)]
)
def test_answers_of_the_api(
    stack: Cloud, path: str, status: int, proto: str | None, expected: str | None
) -> None:
    from http_api.handler import lambda_handler

    headers = {"x-forwarded-proto": proto} if proto else {}

    answer = request(lambda_handler, "GET", path, headers=headers)

    assert (answer.status, answer.headers.get(HEADER)) == (status, expected)


@pytest.mark.parametrize("channel", ["whatsapp", "pigeon"])
@pytest.mark.parametrize(("proto", "expected"), [("https", TWO_YEARS), ("http", None)])
def test_answers_to_providers(stack: Cloud, channel: str, proto: str, expected: str | None) -> None:
    from receive_callback.handler import lambda_handler

    event: dict[str, Any] = {
        "pathParameters": {"channel": channel},
        "headers": {"x-forwarded-proto": proto},
        "requestContext": {"http": {"method": "POST"}},
        "body": "{}",
    }

    answer = lambda_handler(event, CONTEXT)

    assert answer["statusCode"] in (403, 404)
    assert answer["headers"].get(HEADER) == expected
