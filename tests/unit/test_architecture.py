"""The rules of the design, walked in the source: who may import what, and who may name what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
AWS = {"boto3", "botocore"}
HANDLERS = sorted(
    path.parent.name for path in FUNCTIONS.glob("*/handler.py") if path.parent.name != "chat4all"
)
CHANNELS = sorted(p.parent.name for p in FUNCTIONS.glob("chat4all/channels/*/connector.py"))
ALLOWED_IN_HANDLERS = {"chat4all", "aws_lambda_powertools", "pydantic", *sys.stdlib_module_names}


def sources(*under: str) -> list[Path]:
    roots = [FUNCTIONS / folder for folder in under] if under else [FUNCTIONS]
    return sorted(path for root in roots for path in root.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def packages(path: Path) -> set[str]:
    return {module.split(".")[0] for module in imported(path)}


def words(path: Path) -> Iterator[str]:
    """The identifiers and the strings of a file, but no docstrings and no comments."""
    tree = ast.parse(path.read_text())
    docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docs:
                yield text
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(name)) | ast.keyword(arg=str(name)):
                yield name


def told(path: Path) -> str:
    return str(path.relative_to(FUNCTIONS))


def test_there_is_something_to_look_at() -> None:
    assert {"http_api", "route_message", "deliver_message", "apply_callback"} <= set(HANDLERS)
    assert {"whatsapp", "instagram"} <= set(CHANNELS)


def test_aws_is_spoken_to_in_the_adapters_alone() -> None:
    speaking = {told(path) for path in sources() if packages(path) & AWS}

    assert speaking
    assert all(path.startswith("chat4all/adapters/") for path in speaking)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_imports_the_product_and_its_own_folder(handler: str) -> None:
    used = set().union(*(packages(path) for path in sources(handler)))

    assert used - ALLOWED_IN_HANDLERS - {handler} == set()


def test_the_product_imports_no_handler() -> None:
    used = set().union(*(packages(path) for path in sources("chat4all")))

    assert used & set(HANDLERS) == set()


def test_the_use_cases_know_the_ports_and_no_adapter() -> None:
    outside = ("chat4all/adapters/", "chat4all/bootstrap/", "chat4all/channels/")
    core = [path for path in sources("chat4all") if not told(path).startswith(outside)]

    knowing = {told(p) for p in core if any("chat4all.adapters" in m for m in imported(p))}

    assert knowing == set()


@pytest.mark.req("RF-008")
def test_the_operations_know_no_door() -> None:
    doors = {"grpc", "grpc_status", "google", *HANDLERS}
    used = set().union(*(imported(path) for path in sources("chat4all/api")))

    knowing = {m for m in used if m.split(".")[0] in doors or "event_handler" in m}

    assert "chat4all.bootstrap.chat" in used
    assert knowing == set()


@pytest.mark.req("RF-008")
def test_a_use_case_knows_no_operation() -> None:
    core = [path for path in sources("chat4all") if not told(path).startswith("chat4all/api/")]

    knowing = {told(p) for p in core if any(m.startswith("chat4all.api") for m in imported(p))}

    assert knowing == set()


@pytest.mark.req("RF-008")
def test_a_route_calls_operations_and_no_use_case() -> None:
    """But those for Uppy, which speak its protocol: no other door has it."""
    routes = [path for path in sources("http_api") if path.name != "routes_uppy.py"]

    calling = {told(p) for p in routes if any("chat4all.bootstrap" in m for m in imported(p))}

    assert calling == set()


def test_the_sandbox_and_the_product_never_import_each_other() -> None:
    sandbox = set().union(*(packages(path) for path in sources("provider_sandbox")))
    others = [p for p in sources() if not told(p).startswith("provider_sandbox")]
    product = set().union(*(packages(path) for path in others))

    assert "chat4all" not in sandbox
    assert product & {"provider_sandbox", "chalicelib"} == set()


@pytest.mark.req("RF-010")
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_is_named_in_its_own_folder_alone(channel: str) -> None:
    own = f"chat4all/channels/{channel}/"
    naming = {
        told(path)
        for path in sources()
        if any(channel in word.lower() for word in words(path))
        and not told(path).startswith(("provider_sandbox/", own))
    }

    assert naming == set()


@pytest.mark.req("RN-005")
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_does_not_know_another(channel: str) -> None:
    known = set().union(*(imported(p) for p in sources(f"chat4all/channels/{channel}")))

    others = {f"chat4all.channels.{other}" for other in CHANNELS if other != channel}
    assert {m for m in known if any(m.startswith(other) for other in others)} == set()


LOOK = """
import importlib, socket, sys
def no_network(*given): raise AssertionError("a client was opened")
socket.socket.connect = no_network
sys.path.insert(0, {root!r})
importlib.import_module("{handler}.handler")
from chat4all.adapters import aws
from chat4all.bootstrap import access, chat, events, parts, pushing, realtime, syncing, webhooks
built = [name for module in (chat, events, parts, pushing, realtime, syncing, webhooks)
         for name, made in vars(module).items()
         if hasattr(made, "cache_info") and made.cache_info().currsize]
assert not built, built
assert not aws.client.cache_info().currsize
"""


@pytest.mark.parametrize("handler", HANDLERS)
def test_importing_a_handler_reads_no_environment_and_opens_no_client(handler: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(root=str(FUNCTIONS), handler=handler)],
        env={},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stderr
