"""Every method, beside its route."""

from __future__ import annotations

import pytest

from chat4all.api.access import ROUTES
from grpc_front import services
from grpc_front.methods import METHODS, REST_ALONE

pytestmark = pytest.mark.req("RF-008")
NO_UUID = "00000000-0000-4000-8000-000000000404"


def test_every_route_has_its_method_or_a_reason_for_having_none() -> None:
    served = {method.route for method in METHODS.values() if method.route}

    assert served | set(REST_ALONE) == set(ROUTES)
    assert served & set(REST_ALONE) == set()


def test_every_method_of_the_proto_files_is_served_and_no_other() -> None:
    named = {f"{s.full_name}/{m.name}" for s in services.services() for m in s.methods}

    assert named == set(METHODS)


def test_a_method_is_judged_by_the_rule_of_its_route() -> None:
    for method in METHODS.values():
        if method.route:
            assert method.rule is ROUTES[method.route]
