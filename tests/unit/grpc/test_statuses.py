"""What is refused comes out as a status that clients know what to do with, and with its code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from chat4all.access.limits import Allowance, RateLimited
from chat4all.errors import Invalid, NotFound, Raced, Rejected, Unavailable
from chat4all.webhooks.endpoint import EndpointPatch
from grpc_front.errors import OTHERWISE, code_of, status_of, told
from grpc_front.requests import read
from tests.builders import SERVICE

pytestmark = pytest.mark.req("RF-008")
ERRORS_MD = Path(__file__).parents[3] / "docs" / "errors.md"
FITTING = {
    "400": "INVALID_ARGUMENT",
    "401": "UNAUTHENTICATED",
    "403": "PERMISSION_DENIED",
    "404": "NOT_FOUND",
    "409": "FAILED_PRECONDITION",
    "410": "NOT_FOUND",
    "413": "INVALID_ARGUMENT",
    "415": "INVALID_ARGUMENT",
    "422": "INVALID_ARGUMENT",
    "429": "RESOURCE_EXHAUSTED",
    "500": "INTERNAL",
    "503": "UNAVAILABLE",
}


def documented() -> list[tuple[str, str]]:
    """Status and code of every line of the first table."""
    table = ERRORS_MD.read_text().partition("## Requests")[2].partition("### From S3")[0]
    return re.findall(r"^\| (\d{3}) \| `(\w+)` \|", table, flags=re.M)


def a_refusal(status: str, code: str, **extra: Any) -> Rejected:
    error = Rejected(code, "In words.", **extra)
    error.status = int(status)
    return error


def details(status: Any) -> dict[str, Any]:
    found = {}
    for packed in status.details:
        kind = packed.type_url.rpartition(".")[2]
        found[kind] = getattr(error_details_pb2, kind)()
        packed.Unpack(found[kind])
    return found


@pytest.mark.parametrize(("status", "code"), documented())
def test_every_code_that_is_documented_has_a_fitting_status(status: str, code: str) -> None:
    made = status_of(a_refusal(status, code))

    fitting = OTHERWISE[code].name if code in OTHERWISE else FITTING[status]
    assert code_of(made).name == fitting
    info = details(made)["ErrorInfo"]
    assert (info.domain, info.reason, dict(info.metadata)) == (
        "chat4all",
        code,
        {"http_status": status},
    )
    assert made.message == "In words."


def test_the_page_tells_of_each_status() -> None:
    over_grpc = ERRORS_MD.read_text().partition("### Over gRPC")[2].partition("\n### ")[0]

    for status, name in FITTING.items():
        line = next(row for row in over_grpc.splitlines() if f"`{name}`" in row)
        assert status in line


def test_a_message_id_that_is_taken_is_there_already() -> None:
    assert code_of(status_of(a_refusal("409", "message_id_taken"))) is (
        grpc.StatusCode.ALREADY_EXISTS
    )


def test_what_a_refusal_has_besides_is_text() -> None:
    made = status_of(NotFound("event_not_found", "None.", event_ids=["a", "b"], reason="gone"))

    assert dict(details(made)["ErrorInfo"].metadata) == {
        "http_status": "404",
        "event_ids": '["a","b"]',
        "reason": "gone",
    }


def test_wrong_fields_are_named() -> None:
    wrong = [{"where": "message.to.0", "what": "this is no id"}]

    made = details(status_of(Invalid("invalid_request", "…", errors=wrong)))["BadRequest"]

    assert [(v.field, v.description) for v in made.field_violations] == [
        ("message.to.0", "this is no id")
    ]


def test_what_is_said_has_the_names_of_the_proto_files() -> None:
    with pytest.raises(Invalid) as nobody:
        SERVICE.acting_as(None, "from")
    with pytest.raises(Invalid) as no_status:
        read(EndpointPatch, {"status": "DISABLED"})

    made = details(told := status_of(no_status.value))

    assert status_of(nobody.value).message == "A service must say for whom: `sender`."
    what = "this must be WEBHOOK_STATUS_ACTIVE or WEBHOOK_STATUS_PAUSED"
    assert told.message == f"status: {what}"
    assert made["BadRequest"].field_violations[0].description == what


def test_who_is_limited_learns_when_to_come_again() -> None:
    made = details(status_of(RateLimited(Allowance(60, 0, 17))))

    assert made["RetryInfo"].retry_delay.seconds == 17
    assert made["ErrorInfo"].metadata["retry_after"] == "17"


@pytest.mark.parametrize("error", [Unavailable("table: ThrottlingException"), Raced()])
def test_what_failed_under_us_may_be_repeated_and_is_not_told(error: Exception) -> None:
    made = told(error)

    assert code_of(made) is grpc.StatusCode.UNAVAILABLE
    assert details(made)["ErrorInfo"].reason == "unavailable"
    assert details(made)["RetryInfo"].retry_delay.seconds == 1
    assert "Throttling" not in made.message


def test_a_bug_is_told_without_its_words() -> None:
    made = told(ValueError("ana's number is +5511987654321"))

    assert code_of(made) is grpc.StatusCode.INTERNAL
    assert details(made)["ErrorInfo"].reason == "internal_error"
    assert b"5511" not in made.SerializeToString()


def test_what_is_told_fits_into_trailers_whatever_it_is() -> None:
    words = [{"where": "é" * 200, "what": "é" * 200}] * 20
    ids = [f"00000000-0000-4000-8000-{n:012}" for n in range(100)]

    made = status_of(Invalid("invalid_request", "é" * 5_000, errors=words, event_ids=ids))

    # As gRPC sends them: the words are escaped, the details in base64. The limit is 8 KB for all.
    assert len(made.message.encode()) * 3 + made.ByteSize() * 4 / 3 < 8_000
