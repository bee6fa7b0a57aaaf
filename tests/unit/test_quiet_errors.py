"""What cannot be read may be a message, a token or a number: errors of it that reach a log say
where it is wrong, and never what it says."""

from __future__ import annotations

import importlib
import io
import logging
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import chat4all
from chat4all.errors import IdentityTaken
from chat4all.message import Payload
from chat4all.observability import logger, without_data
from http_api import handler
from relay_changes import handler as relay
from tests.cloud import CONTEXT, assert_problem, cloud, request

pytestmark = pytest.mark.req("RNF-009")
SECRET = "Meet me at nine, +5511987654321"


def modules() -> Iterator[str]:
    yield from (m.name for m in pkgutil.walk_packages(chat4all.__path__, "chat4all."))


def models() -> list[type[BaseModel]]:
    for name in modules():
        importlib.import_module(name)
    found: list[type[BaseModel]] = []
    waiting = list(BaseModel.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("chat4all."):
            found.append(model)
    return found


def test_no_model_of_ours_repeats_what_it_was_given_in_its_errors() -> None:
    loud = {
        f"{model.__module__}.{model.__qualname__}"
        for model in models()
        if not model.model_config.get("hide_input_in_errors")
    }

    assert loud == set()


def test_an_error_is_told_by_its_kind_and_its_place() -> None:
    with pytest.raises(ValidationError) as invalid:
        TypeAdapter(Payload).validate_python({"type": "text", "text": {"it": SECRET}})
    with pytest.raises(ValueError, match="invalid literal") as no_number:
        int(SECRET)

    assert without_data(invalid.value) == "ValidationError: text.text string_type"
    assert without_data(no_number.value) == "ValueError"


def test_whose_an_address_is_already_is_told_without_the_address() -> None:
    """It becomes the reason of a callback that has to come again, which is logged."""
    assert "5511987654321" not in str(IdentityTaken(("whatsapp", "1", "5511987654321"), "bo"))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the functions log meanwhile, as their lines are."""
    lines = io.StringIO()
    added = logging.StreamHandler(lines)
    added.setFormatter(logger().registered_formatter)
    logger().addHandler(added)
    yield lines
    logger().removeHandler(added)


def test_a_bug_of_the_api_is_told_without_the_request(logged: io.StringIO) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(SECRET)

    with cloud(), patch.object(handler, "admit", broken):
        answer = request(handler.lambda_handler, "GET", "/healthz", public=True)

    assert_problem(answer, 500, "internal_error")
    assert "RuntimeError" in logged.getvalue() and Path(__file__).name in logged.getvalue()
    assert SECRET not in logged.getvalue() + answer.text


def test_a_change_that_nobody_can_read_is_told_without_what_it_says(logged: io.StringIO) -> None:
    keys = {"pk": {"S": "USER#ana"}, "sk": {"S": "META"}}
    broken = {key: {"S": SECRET} for key in ("name", "created_at", "identities")}
    change = {"Keys": keys, "NewImage": {**keys, **broken}, "SequenceNumber": "1"}
    record = {"eventID": "e-1", "eventName": "INSERT", "dynamodb": change}

    with cloud() as made:
        relay.lambda_handler({"Records": [record]}, CONTEXT)
        assert len(made.dead_letters()) == 1

    assert "unreadable change" in logged.getvalue() and SECRET not in logged.getvalue()
