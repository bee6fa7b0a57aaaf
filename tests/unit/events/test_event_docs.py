"""docs/events.md tells of every type, with examples that are really made so."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from chat4all.events import TYPES
from chat4all.events.schemas import schema
from tests.support.event_docs import PAGE, examples, section

pytestmark = pytest.mark.req("RF-009")


def test_the_page_is_up_to_date() -> None:
    assert section() in PAGE.read_text(encoding="utf-8"), (
        "run: python -m tests.support.event_docs (with functions/ on PYTHONPATH)"
    )


def test_every_type_has_a_section_an_example_and_its_schema() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for kind in (*TYPES, "endpoint.test"):
        told = page.partition(f"### `{kind}`\n")[2].partition("\n### ")[0]
        example, found = map(json.loads, re.findall(r"```json\n(.+?)\n```", told, re.DOTALL))
        assert found == schema(kind)
        assert example == examples()[kind]
        assert example["type"] == kind
        assert list(Draft202012Validator(found).iter_errors(example)) == []


def test_every_type_that_the_page_names_is_one() -> None:
    page = PAGE.read_text(encoding="utf-8").partition("## The types")[0]
    families = "message|conversation|member|user|file|endpoint"

    named = set(re.findall(rf"`((?:{families})\.[a-z]+)`", page))

    assert named <= {*TYPES, "endpoint.test"}
