"""JSON schemas of events, made from the models of their `data`."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chat4all.events.data import MODELS

VERSION = 1


class _Plain(GenerateJsonSchema):
    """Without titles that only repeat the fields' names, and without made-up defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def definitions(template: str) -> dict[str, dict[str, Any]]:
    """The schemas of all that events have in them, by name: `MessageReadEvent`, `MessageReadData`
    and so on. `template` says how they refer to each other, such as `#/$defs/{model}`."""
    _, found = models_json_schema(
        [(model, "validation") for model in MODELS.values()],
        ref_template=template,
        schema_generator=_Plain,
    )
    return _open(found["$defs"]) | {
        name_of(kind): _envelope(kind, template.format(model=model.__name__))
        for kind, model in MODELS.items()
    }


def name_of(kind: str) -> str:
    return MODELS[kind].__name__.removesuffix("Data") + "Event"


def described(kind: str) -> str:
    return " ".join((MODELS[kind].__doc__ or "").split())


def schema(kind: str) -> dict[str, Any]:
    """The JSON schema (2020-12) of one type's events, whole in itself."""
    data = MODELS[kind].model_json_schema(schema_generator=_Plain)
    inner = {"$defs": _open(data.pop("$defs"))} if "$defs" in data else {}
    envelope = _envelope(kind, "")
    envelope["properties"]["data"] = {k: v for k, v in data.items() if k != "description"}
    named = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:chat4all:event:{kind}:{VERSION}",
    }
    found: dict[str, Any] = _without(named | envelope | inner, {"discriminator", "title"})
    return found


def _without(part: Any, keywords: set[str]) -> Any:
    """Less of what is OpenAPI's alone, or says a name again. No field has such a name."""
    if isinstance(part, list):
        return [_without(item, keywords) for item in part]
    if not isinstance(part, dict):
        return " ".join(part.split()) if isinstance(part, str) else part
    return {k: _without(v, keywords) for k, v in part.items() if k not in keywords}


def _open(schemas: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What requests must not have more of, events may."""
    return {
        name: {k: v for k, v in found.items() if (k, v) != ("additionalProperties", False)}
        for name, found in schemas.items()
    }


def _envelope(kind: str, data: str) -> dict[str, Any]:
    return {
        "title": name_of(kind),
        "description": described(kind),
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid", "description": "The same on every repeat."},
            "type": {"const": kind},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": data},
        },
        "required": ["id", "type", "timestamp", "data"],
    }
