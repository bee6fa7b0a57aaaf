"""EndpointStore: what was registered is there for the very next event."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chat4all.adapters.dynamodb import Table
from chat4all.adapters.dynamodb.endpoints import DynamoEndpointStore
from chat4all.adapters.dynamodb.table import Item
from chat4all.adapters.memory.webhooks import MemoryEndpointStore
from chat4all.errors import Raced, Unavailable
from chat4all.ids import derived_id
from chat4all.ports.webhooks import EndpointStore
from chat4all.webhooks.endpoint import Endpoint, EndpointStatus, Secret
from tests.contract.samples import CONVERSATION, NOW
from tests.contract.worlds import ADAPTERS, Aws, aws_of

pytestmark = pytest.mark.req("RF-009")
EVERYTHING: dict[str, Any] = {
    "conversation_id": CONVERSATION,
    "delivery": "sns",
    "description": "CRM ✓",
    "status": EndpointStatus.DISABLED,
    "disabled_reason": "gone",
    "secrets": (Secret(value="whsec_bmV3"), Secret(value="whsec_b2xk", expires_at=NOW)),
    "failing_since": NOW,
    "resting_until": NOW + 60_000,
    "subscription_arn": "arn:aws:sns:us-east-1:000000000000:events:1",
    "version": 7,
}


def an_endpoint(number: int = 1, **other: Any) -> Endpoint:
    fields: dict[str, Any] = {
        "webhook_id": derived_id("webhook", str(number)),
        "url": f"https://a{number}.example/hook?token=x",
        "types": ("message.sent", "message.read"),
        "created_at": NOW + number,
    }
    return Endpoint(**fields | other)


def stores_of(request: pytest.FixtureRequest) -> Iterator[EndpointStore]:
    if request.param == "memory":
        yield MemoryEndpointStore()
        return
    for aws in aws_of(request):
        yield DynamoEndpointStore(aws.table())


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest) -> Iterator[EndpointStore]:
    yield from stores_of(request)


@pytest.mark.parametrize("fields", [{}, EVERYTHING], ids=["new", "full"])
def test_an_endpoint_comes_back_as_it_was_added(
    store: EndpointStore, fields: dict[str, Any]
) -> None:
    endpoint = an_endpoint(**fields)

    store.add(endpoint)

    assert store.get(endpoint.webhook_id) == endpoint
    assert store.list() == [endpoint]
    assert store.get(derived_id("webhook", "another")) is None


def test_an_id_is_taken_once(store: EndpointStore) -> None:
    store.add(an_endpoint())

    with pytest.raises(Raced):
        store.add(an_endpoint(url="https://b.example/"))

    assert store.list() == [an_endpoint()]


def test_the_oldest_is_listed_first(store: EndpointStore) -> None:
    for number in (3, 1, 2):
        store.add(an_endpoint(number))

    assert store.list() == [an_endpoint(number) for number in (1, 2, 3)]


def test_an_update_sets_and_takes_away_and_leaves_the_rest(store: EndpointStore) -> None:
    before = an_endpoint(**EVERYTHING)
    store.add(before)
    changes: dict[str, Any] = {
        "status": EndpointStatus.ACTIVE,
        "disabled_reason": None,
        "failing_since": None,
        "types": ("*",),
        "secrets": (Secret(value="whsec_b3RoZXI="),),
    }

    updated = store.update(before, **changes)

    assert updated == before.model_copy(update={**changes, "version": 8})
    assert store.get(before.webhook_id) == updated


def test_what_is_taken_away_may_be_missing_already(store: EndpointStore) -> None:
    store.add(an_endpoint())

    updated = store.update(an_endpoint(), failing_since=None)

    assert updated == an_endpoint(version=2)
    assert store.get(updated.webhook_id) == updated


def test_of_two_changes_of_the_same_endpoint_the_second_is_refused(store: EndpointStore) -> None:
    read = an_endpoint()
    store.add(read)
    store.update(read, description="first")

    with pytest.raises(Raced):
        store.update(read, description="second")

    there = store.get(read.webhook_id)
    assert there is not None and there.description == "first"


def test_of_those_who_change_at_once_one_succeeds(
    store: EndpointStore, request: pytest.FixtureRequest
) -> None:
    if "moto" in request.node.name:
        pytest.skip("moto is not thread-safe")
    read = an_endpoint()
    store.add(read)
    errors: list[Raced] = []

    def change(number: int) -> None:
        try:
            store.update(read, description=str(number))
        except Raced as error:
            errors.append(error)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(errors) == 4


def test_what_is_gone_cannot_be_changed_and_may_be_deleted_again(store: EndpointStore) -> None:
    store.add(an_endpoint())
    store.delete(an_endpoint().webhook_id)
    store.delete(an_endpoint().webhook_id)

    with pytest.raises(Raced):
        store.update(an_endpoint(), description="x")

    assert store.list() == []
    assert store.get(an_endpoint().webhook_id) is None


def test_somebody_listens_when_one_endpoint_is_active_and_posted_to(store: EndpointStore) -> None:
    assert not store.any_active()
    store.add(an_endpoint(1, status=EndpointStatus.PAUSED))
    store.add(an_endpoint(2, status=EndpointStatus.DISABLED))
    store.add(an_endpoint(3, delivery="sns"))
    assert not store.any_active()

    store.add(an_endpoint(4))

    assert store.any_active()


def test_the_active_one_is_found_behind_many_that_are_not(store: EndpointStore) -> None:
    for number in range(25):
        store.add(an_endpoint(number, status=EndpointStatus.PAUSED))
    last = max(store.list(), key=lambda endpoint: endpoint.webhook_id)

    store.update(last, status=EndpointStatus.ACTIVE)

    assert store.any_active()


class OneAPage(Table):
    def query(self, condition: str, values: Mapping[str, Any], **more: Any) -> Iterator[Item]:
        return super().query(condition, values, **{**more, "Limit": 1})


def test_all_are_listed_however_many_pages_they_take(aws: Aws) -> None:
    table = aws.table()
    store = DynamoEndpointStore(OneAPage(table.client, table.name))
    for number in range(5):
        store.add(an_endpoint(number))

    assert store.list() == [an_endpoint(number) for number in range(5)]


def test_an_item_is_as_the_stream_is_read_for(aws: Aws) -> None:
    """`endpoint.disabled` is made from these attributes."""
    table = aws.table()
    store = DynamoEndpointStore(table)
    store.add(an_endpoint())

    store.update(an_endpoint(), status=EndpointStatus.DISABLED, disabled_reason="failing")

    item = table.get("WEBHOOKS", f"ENDPOINT#{an_endpoint().webhook_id}", fresh=True)
    assert item is not None
    told = {name: item[name] for name in ("status", "disabled_reason", "url")}
    assert told == {
        "status": "DISABLED",
        "disabled_reason": "failing",
        "url": "https://a1.example/hook?token=x",
    }


def test_a_table_that_is_not_there_is_unavailable(aws: Aws) -> None:
    store = DynamoEndpointStore(Table(aws.client("dynamodb"), "nowhere"))

    for call in (
        lambda: store.add(an_endpoint()),
        lambda: store.get("x"),
        store.list,
        store.any_active,
        lambda: store.update(an_endpoint(), description="x"),
        lambda: store.delete("x"),
    ):
        with pytest.raises(Unavailable):
            call()
