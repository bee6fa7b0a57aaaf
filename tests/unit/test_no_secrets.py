"""There is no default secret: what ships has none in it, and the template makes none up."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.req("RNF-009")
REPO = Path(__file__).parents[2]
GENERATED = REPO / "functions" / "grpc_front" / "generated"
"""Made of proto/, which a test holds it to: bytes that describe messages look like anything."""
SHIPPED = sorted(
    path for path in (REPO / "functions").rglob("*.py") if GENERATED not in path.parents
)
CONFIGURED = [REPO / "template.yaml", REPO / "samconfig.toml"]
SECRET_NAMES = re.compile(
    r"(?i)secret|password|passwd|api_?key|private_?key|credential|access_?token"
)
KNOWN_FORMS = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|whsec_[A-Za-z0-9+/]{16}|c4r_[0-9a-f]{32}_"
    r"|c4a_[0-9a-f]{16}|eyJ[A-Za-z0-9_-]{16,}\.|EAA[A-Za-z0-9]{30}|gh[ps]_[A-Za-z0-9]{30}"
)
LONG = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
NO_SECRETS = {
    # What the imitation of the providers asks for, on the machine that it runs on.
    "functions/provider_sandbox/chalicelib/settings.py": (
        "sandbox-access-token",
        "sandbox-app-secret",
    ),
}
"""Texts that are called so and are none, by file."""
WORDS_HAVE = 4.2
"""Bits a character; random base64 of this length has more."""


def bits(text: str) -> float:
    """Of information in a character (Shannon)."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def looks_random(text: str) -> bool:
    kinds = [re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]")]
    return all(kinds) and bits(text) > WORDS_HAVE


def literals(path: Path) -> Iterator[tuple[str, str]]:
    """What each name, keyword, key or default is given, where that is a text."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                yield name, text
            case ast.keyword(arg=str(name), value=ast.Constant(value=str(text))):
                yield name, text
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    match key, value:
                        case ast.Constant(value=str(name)), ast.Constant(value=str(text)):
                            yield name, text
            case ast.arguments(args=args, defaults=defaults) if defaults:
                for arg, default in zip(args[-len(defaults) :], defaults, strict=True):
                    if isinstance(default, ast.Constant) and isinstance(default.value, str):
                        yield arg.arg, default.value


def told(path: Path) -> str:
    return str(path.relative_to(REPO))


def test_no_file_that_ships_has_the_form_of_a_secret_in_it() -> None:
    found = {
        (told(path), hit[0])
        for path in [*SHIPPED, *CONFIGURED]
        for hit in KNOWN_FORMS.finditer(path.read_text())
    }

    assert len(SHIPPED) > 100
    assert found == set()


def test_no_text_in_what_ships_looks_random() -> None:
    found = {
        (told(path), word)
        for path in [*SHIPPED, *CONFIGURED]
        for word in LONG.findall(path.read_text())
        if looks_random(word)
    }

    assert found == set()


def test_nothing_that_is_called_a_secret_has_a_value_in_the_code() -> None:
    found = {
        (told(path), name, text)
        for path in SHIPPED
        for name, text in literals(path)
        if SECRET_NAMES.search(name) and text and text not in NO_SECRETS.get(told(path), ())
    }

    assert found == set()


def test_the_template_gives_no_secret_a_default() -> None:
    named = re.findall(r"(?m)^\s*([A-Za-z_]+): +(\S.*)$", (REPO / "template.yaml").read_text())

    given = {
        (name, value)
        for name, value in named
        if SECRET_NAMES.search(name) and not value.startswith(("!", '""'))
    }

    assert given == set()


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text(
        'client_secret = "hunter2"\n'
        'open(password="hunter2")\n'
        'settings = {"app_secret": "hunter2"}\n'
        'def connect(host, api_key="hunter2"): ...\n'
    )

    assert len([name for name, _ in literals(code) if SECRET_NAMES.search(name)]) == 4
    assert looks_random("yi-Bfe5vPTz408QejoDPRknmJ0ANkTmAr_uiM14_V3o")
    assert not looks_random("aws_lambda_powertools_event_handler_2026")
    assert KNOWN_FORMS.search("x = 'AKIAIOSFODNN7EXAMPLE'")
