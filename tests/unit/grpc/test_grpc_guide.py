"""What docs/grpc.md and the .proto files say of methods is what the server does. The examples of
the page are run by tests/e2e/test_grpc_guide.py."""

import re

import pytest

from chat4all.access.rules import ANYONE, Who
from chat4all.messaging import MAX_BATCH
from grpc_front import room
from grpc_front.methods import METHODS, PACKAGE
from grpc_front.server import MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES
from grpc_front.services import LONGEST_S
from grpc_front.streams.messages import MOST_WAITING
from grpc_front.streams.places import IN_ALL, OF_A_CALLER
from grpc_front.streams.subscribe import HEARTBEAT_S
from grpc_front.streams.writing import SLOWEST_S
from tests.support.grpc_docs import PAGE, section
from tests.support.proto_set import files, told

pytestmark = pytest.mark.req("RF-008")
COMMENTS = {
    f"{PACKAGE}.{part.name.replace('.', '/')}": part.comment
    for file in files()
    for part in told(file)
    if part.kind == "rpc"
}


def test_the_table_of_methods_is_that_of_the_server() -> None:
    assert section() in PAGE.read_text(), "python -m tests.support.grpc_docs"


def test_every_method_of_the_proto_files_is_served() -> None:
    assert set(METHODS) == set(COMMENTS)


@pytest.mark.parametrize("name", sorted(n for n in COMMENTS if "Scope" in COMMENTS[n]))
def test_the_scopes_in_a_comment_are_those_that_are_asked_for(name: str) -> None:
    [named] = re.findall(r"Scopes?: ([a-z: ]+)\.", " ".join(COMMENTS[name].split()))

    assert set(named.split(" and ")) == METHODS[name].rule.scopes


def test_a_comment_says_which_methods_ask_for_no_token() -> None:
    free = {name for name, comment in COMMENTS.items() if "Without a token" in comment}

    assert free == {name for name, method in METHODS.items() if method.rule == ANYONE}


def test_a_comment_says_what_is_for_services_where_its_service_is_not() -> None:
    said = {name for name, comment in COMMENTS.items() if "For services." in comment}
    whole = {"Audit", "Clients", "Events", "Webhooks"}

    only = {name for name, method in METHODS.items() if method.rule.who is Who.SERVICE}

    assert said == {name for name in only if name.split(".")[-1].split("/")[0] not in whole}


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ("a request", f"{MAX_REQUEST_BYTES // 1024} KB"),
        ("an answer", f"{MAX_RESPONSE_BYTES // 1024**2} MB"),
        ("`SendBatch`", f"{MAX_BATCH} messages"),
        ("streams of a caller", f"{OF_A_CALLER} on one instance"),
        ("streams of an instance", f"{IN_ALL:,}"),
        (
            "unary calls of a caller",
            f"{room.OF_A_USER} of a user and {room.OF_A_SERVICE} of a service at once",
        ),
        ("calls of an instance", f"{room.IN_ALL:,} with"),
        ("frames that are sent ahead", f"{MOST_WAITING};"),
        ("a reader who takes nothing", f"{SLOWEST_S:.0f} s"),
        ("a unary call", f"{LONGEST_S:.0f} s"),
    ],
)
def test_the_limits_of_the_page_are_those_of_the_server(row: str, limit: str) -> None:
    table = PAGE.read_text().split("## Limits")[1]

    [found] = re.findall(rf"^\| {row}[^|]*\| ([^|]*) \|", table, re.M)

    assert found.startswith(limit)


def test_a_subscriber_hears_of_a_cursor_as_often_as_the_page_says() -> None:
    assert f"nothing for {HEARTBEAT_S:.0f} seconds" in PAGE.read_text()
