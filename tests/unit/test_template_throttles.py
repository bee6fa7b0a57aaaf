"""What the gateways let through before any function of ours runs."""

import pytest

from chat4all.access.rules import Who
from chat4all.api.access import ROUTES
from tests.unit.test_template import RESOURCES, TEMPLATE, resources

pytestmark = pytest.mark.req("RNF-009")
STAGES = resources("AWS::ApiGatewayV2::Stage")
SETTINGS = STAGES["ApiStage"]["RouteSettings"]
OPEN_TO_ALL = {
    r["RouteKey"]: name
    for name, r in resources("AWS::ApiGatewayV2::Route").items()
    if r["AuthorizationType"] == "NONE" and not r["RouteKey"].startswith("$")
}


def test_every_stage_has_a_throttle_that_an_operator_can_set() -> None:
    assert set(STAGES) == {"ApiStage", "SocketsStage"}
    for stage in STAGES.values():
        assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "ApiRate"}
        assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == {"Ref": "ApiBurst"}
    assert TEMPLATE["Parameters"]["ApiRate"]["Default"] == 10_000
    assert TEMPLATE["Parameters"]["ApiBurst"]["Default"] == 5_000


def test_what_asks_for_no_token_has_a_throttle_of_its_own() -> None:
    assert set(SETTINGS) == set(OPEN_TO_ALL)


def test_connections_are_begun_at_a_rate_of_their_own() -> None:
    stage = STAGES["SocketsStage"]

    assert RESOURCES["SocketsStage"]["DependsOn"] == "ConnectRoute"
    assert stage["RouteSettings"] == {
        "$connect": {
            "DetailedMetricsEnabled": True,
            "ThrottlingRateLimit": {"Ref": "ConnectRate"},
            "ThrottlingBurstLimit": {"Ref": "ConnectRate"},
        }
    }
    assert TEMPLATE["Parameters"]["ConnectRate"]["Default"] == 500


def test_what_the_table_of_routes_opens_to_all_is_open_at_the_gateway() -> None:
    anyone = {route for route, rule in ROUTES.items() if rule.who is Who.ANYONE}

    assert anyone == {route for route in OPEN_TO_ALL if "/v1/channels/" not in route}


def test_providers_get_more_than_strangers() -> None:
    defaults = {name: p.get("Default") for name, p in TEMPLATE["Parameters"].items()}

    rates = {k: defaults[v["ThrottlingRateLimit"]["Ref"]] for k, v in SETTINGS.items()}

    assert rates["POST /v1/channels/{channel}/webhook"] == 5_000
    assert {r for k, r in rates.items() if not k.startswith("POST /v1/channels/")} == {100}


def test_routes_are_there_before_the_stage_that_has_settings_for_them() -> None:
    assert set(RESOURCES["ApiStage"]["DependsOn"]) == {OPEN_TO_ALL[route] for route in SETTINGS}
