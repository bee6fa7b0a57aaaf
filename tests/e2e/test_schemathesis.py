"""The deployed API answers as its OpenAPI document says, behind the gateway as well. Many examples
are in tests/unit/test_schemathesis.py; this is one for each operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from schemathesis import Case

from infra.local.client import Api
from tests.support.conforming import CONFORMS, bounded, schema_of

pytestmark = [pytest.mark.req("RNF-009"), pytest.mark.req("RF-008")]


def test_the_deployed_api_answers_as_its_document_says(api: Api) -> None:
    schema = schema_of(api.ok("GET", "/openapi.json"))
    token = {"authorization": f"Bearer {api.token}"}
    asked = []

    for operation in (found.ok() for found in schema.get_all_operations()):

        @bounded(1)
        @given(case=operation.as_strategy())
        def conforms(case: Case) -> None:
            asked.append(case.operation.label)
            case.call_and_validate(api.addresses.api_url, headers=token, checks=CONFORMS)

        conforms()

    assert len(asked) >= 40
