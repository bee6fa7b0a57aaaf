"""The management API's answers, as ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway import Gateway, a_gateway

from chat4all.adapters.sockets import ApiGatewaySockets
from chat4all.errors import ConnectionGone, Unavailable


@pytest.fixture(autouse=True)
def somebodys_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with a_gateway() as made:
        yield made


def test_a_frame_is_posted_to_the_stage(gateway: Gateway) -> None:
    ApiGatewaySockets.at(gateway.url).post("c-1=", '{"text":"é"}'.encode())

    [(method, path, body)] = gateway.asked
    assert (method, path) == ("POST", "/local/@connections/c-1%3D")
    assert body == '{"text":"é"}'.encode()


def test_whoever_is_not_there_is_gone(gateway: Gateway) -> None:
    gateway.answers["c-1"] = (410, "GoneException")

    with pytest.raises(ConnectionGone):
        ApiGatewaySockets.at(gateway.url).post("c-1", b"{}")


@pytest.mark.parametrize("answer", [(403, "ForbiddenException"), (413, "PayloadTooLargeException")])
def test_anything_else_is_unavailable(gateway: Gateway, answer: tuple[int, str]) -> None:
    gateway.answers["c-1"] = answer
    sockets = ApiGatewaySockets.at(gateway.url)

    with pytest.raises(Unavailable):
        sockets.post("c-1", b"{}")
    with pytest.raises(Unavailable):
        sockets.close("c-1")


def test_a_gateway_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        ApiGatewaySockets.at("http://127.0.0.1:9").post("c-1", b"{}")


def test_a_connection_is_ended_and_one_that_has_ended_stays_so(gateway: Gateway) -> None:
    sockets = ApiGatewaySockets.at(gateway.url)

    sockets.close("c-1")
    gateway.answers["c-1"] = (410, "GoneException")
    sockets.close("c-1")

    assert [(m, p) for m, p, _ in gateway.asked] == [("DELETE", "/local/@connections/c-1")] * 2
