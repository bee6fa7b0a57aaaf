"""Both doors say the same: what REST's models have, proto/ has, and the other way round."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto
from pydantic import BaseModel

from chat4all.api import requests, views
from chat4all.events.data import MODELS, EventData
from chat4all.events.types import LOGGED
from chat4all.webhooks.endpoint import EndpointStatus
from tests.support.proto_pairs import ENUMS, NOT_PAIRED, OF_GRPC_ALONE, PAIRS, WRAPPED, Pair
from tests.support.proto_set import files, messages

pytestmark = pytest.mark.req("RF-008")
MESSAGES: dict[str, DescriptorProto] = {
    name: found for file in files() for name, found in messages(file)
}


def fields(message: str) -> set[str]:
    """A oneof counts by what it can be."""
    return {field.name for field in MESSAGES[message].field}


def said(model: type[BaseModel]) -> set[str]:
    """As JSON has it."""
    return {field.alias or name for name, field in model.model_fields.items()}


def models() -> Iterator[type[BaseModel]]:
    """All that the API answers and takes, by the modules that they are in."""
    modules = [requests] + [
        importlib.import_module(f"{views.__name__}.{module.name}")
        for module in pkgutil.iter_modules(views.__path__)
    ]
    for module in modules:
        for _, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, BaseModel) and found.__module__ == module.__name__:
                yield found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.model.__name__}-{pair.message}")
def test_a_model_and_its_message_have_the_same_fields(pair: Pair) -> None:
    here = {pair.renamed.get(name, name) for name in said(pair.model)} - set(pair.rest)

    there = fields(pair.message) - set(pair.grpc)

    assert here == there
    assert set(pair.grpc) <= fields(pair.message)
    assert set(pair.rest) <= said(pair.model)


def test_every_model_has_its_message() -> None:
    paired = {pair.model.__name__ for pair in PAIRS} | set(NOT_PAIRED) | {"View"}

    alone = {model.__name__ for model in models()} - paired

    assert alone == set()


def test_every_answer_has_its_model_or_a_reason() -> None:
    paired = {pair.message for pair in PAIRS} | set(WRAPPED) | set(OF_GRPC_ALONE)
    of_events = {field.type_name.split(".")[-1] for field in MESSAGES["Event"].field}

    alone = {
        name
        for name in MESSAGES.keys() - paired - of_events
        if not re.match("(Messages)?Stream", name) and not name.endswith("Request") and fields(name)
    }

    assert alone == set()


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapper_holds_one_thing(name: str) -> None:
    assert fields(name) == {WRAPPED[name]}


def event_data() -> dict[str, str]:
    """The message of each type of events."""
    return {
        field.name.replace("_", ".", 1): field.type_name.split(".")[-1]
        for field in MESSAGES["Event"].field
        if field.HasField("oneof_index")
    }


def test_there_is_a_message_for_each_event_that_is_logged() -> None:
    assert set(event_data()) == set(LOGGED)
    assert {"id", "type", "timestamp"} <= fields("Event")


@pytest.mark.parametrize("kind", LOGGED)
def test_an_event_says_the_same_over_both_doors(kind: str) -> None:
    model: type[EventData] = MODELS[kind]

    here = {"sender" if name == "from" else name for name in said(model)}

    assert here == fields(event_data()[kind])


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_words_of_rest(name: str) -> None:
    [found] = [enum for file in files() for enum in file.enum_type if enum.name == name]
    prefix = found.value[0].name.removesuffix("UNSPECIFIED")

    words = {value.name.removeprefix(prefix) for value in found.value[1:]}

    assert words == {word.upper() for word in ENUMS[name]}


def test_every_enum_is_looked_at() -> None:
    assert {enum.name for file in files() for enum in file.enum_type} == set(ENUMS)
    assert {status.upper() for status in EndpointStatus} <= set(ENUMS["WebhookStatus"])
