"""schemathesis as our tests use it: what is checked of an answer, and of how many."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from schemathesis import openapi
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import BaseSchema

load_all_checks()
CONFORMS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


def bounded(examples: int) -> settings:
    """So many, and the same ones in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def schema_of(document: dict[str, Any]) -> BaseSchema:
    """Of a document that may be served from anywhere: from the root. Tokens are ours to add."""
    schema = openapi.from_dict({**document, "servers": [{"url": "/"}]})
    schema.config.generation.update(with_security_parameters=False)
    return schema
