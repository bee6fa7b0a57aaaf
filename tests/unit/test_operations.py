"""What both doors call: the same answers and the same refusals, without either."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chat4all.api import audit, conversations, messages, users
from chat4all.api.access import ROUTES
from chat4all.api.admission import may
from chat4all.caller import Caller, CallerKind
from chat4all.conversation import NewConversation
from chat4all.errors import Forbidden, NotFound, Unauthenticated
from chat4all.timestamps import ms_of
from chat4all.user import UserProfile
from http_api.handler import lambda_handler
from tests.builders import an_id
from tests.cloud import Cloud, cloud, request

pytestmark = pytest.mark.req("RF-008")
SERVICE = Caller("service-1", CallerKind.SERVICE, frozenset({"conversations", "messages:read"}))
ANA = Caller("ana", CallerKind.USER)


@pytest.fixture
def stack() -> Iterator[Cloud]:
    with cloud() as made:
        for user_id in ("ana", "bo", "cy"):
            users.put(SERVICE, user_id, UserProfile())
        yield made


def opened(*members: str) -> str:
    new = NewConversation(type="private", members=members)
    return conversations.open(SERVICE, new).conversation.conversation_id


def test_a_listing_that_was_begun_over_http_goes_on_anywhere(stack: Cloud) -> None:
    both = {opened("ana", "bo"), opened("ana", "cy")}

    asked = ("GET", "/v1/conversations")
    first = request(lambda_handler, *asked, query={"limit": "1"}, user="ana")
    rest = conversations.page(ANA, limit=1, cursor=first.json["next_cursor"])

    listed = [first.json["items"][0]["conversation_id"], rest.items[0].conversation_id]
    assert set(listed) == both and rest.next_cursor is None


def test_an_operation_refuses_with_the_error_of_the_use_case(stack: Cloud) -> None:
    theirs = opened("bo", "cy")

    with pytest.raises(NotFound, match="conversation_not_found"):
        conversations.get(ANA, theirs)
    with pytest.raises(NotFound, match="message_not_found"):
        messages.get(SERVICE, an_id(9))


def test_one_of_a_batch_that_is_wrong_spoils_no_other(stack: Cloud) -> None:
    good = {
        "conversation_id": opened("ana", "bo"),
        "payload": {"type": "text", "text": "Good morning"},
    }

    items, allowance = messages.send_batch(ANA, [good, "no message", good | {"to": []}])

    assert [item.status for item in items] == ["accepted", "rejected", "rejected"]
    assert items[1].error is not None and items[1].error.code == "invalid_request"
    assert allowance is None


def test_who_may_not_is_told_before_anything_is_done(stack: Cloud) -> None:
    lasting = ROUTES["POST /v1/conversations"]

    may(ROUTES["GET /v1/conversations"], SERVICE)

    with pytest.raises(Forbidden, match="insufficient_scope"):
        may(ROUTES["PUT /v1/users/{user_id}"], SERVICE)
    with pytest.raises(Unauthenticated, match="revoked"):
        may(lasting, Caller("nobody", CallerKind.SERVICE, lasting.scopes))


def test_times_have_zones_outside_and_none_inside(stack: Cloud) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=-3)))

    assert ms_of(moment) == ms_of(elsewhere) == 1_767_268_800_000
    assert ms_of(datetime(1969, 1, 1, tzinfo=UTC)) == 0
    assert audit.page(until=moment).items == []
