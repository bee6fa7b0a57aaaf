"""Endpoints that SNS posts to."""

from __future__ import annotations

import pytest

from chat4all.errors import Conflict, Raced, Unavailable
from chat4all.ports.webhooks import EventFilter
from tests.builders import SERVICE
from tests.support.webhook_world import CONVERSATION, World, code, patch

pytestmark = pytest.mark.req("RF-009")


def test_a_subscriber_who_speaks_sns_gets_a_subscription_and_no_secret(world: World) -> None:
    created = world.created(delivery="sns", types=["typing"], conversation_id=CONVERSATION)

    [(url, wanted)] = world.subscriptions.found.values()
    assert (url, created.secret) == ("https://a.example/hook", None)
    assert wanted == EventFilter(("typing",), CONVERSATION)
    assert created.status == "PENDING"
    assert not world.endpoints.any_active()

    world.subscriptions.confirmed |= set(world.subscriptions.found)
    assert world.webhooks.show(SERVICE, created.endpoint.webhook_id).status == "ACTIVE"


def test_a_change_is_told_to_sns_and_a_pause_lets_nothing_through(world: World) -> None:
    webhook_id = world.an_endpoint(delivery="sns")
    [arn] = world.subscriptions.found
    world.subscriptions.confirmed.add(arn)

    patch(world, webhook_id, status="PAUSED", types=["typing"])
    assert world.subscriptions.found[arn][1] == EventFilter(("typing",), None, paused=True)

    assert patch(world, webhook_id, status="ACTIVE") == "ACTIVE"
    assert world.subscriptions.found[arn][1] == EventFilter(("typing",), None)


def test_another_url_for_sns_is_another_subscription(world: World) -> None:
    webhook_id = world.an_endpoint(delivery="sns")

    assert patch(world, webhook_id, url="https://b.example/") == "PENDING"

    [(url, _)] = world.subscriptions.found.values()
    assert url == "https://b.example/"


@pytest.mark.parametrize("error", [Unavailable("table"), Raced("endpoint")])
def test_a_move_that_cannot_be_stored_leaves_the_old_subscription_and_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    webhook_id = world.an_endpoint(delivery="sns")
    before = dict(world.subscriptions.found)

    def down(*given: object, **more: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(world.endpoints, "update", down)
        with pytest.raises(type(error)):
            patch(world, webhook_id, url="https://b.example/")
    assert world.subscriptions.found == before

    patch(world, webhook_id, url="https://b.example/")
    assert list(world.subscriptions.found) == [world.endpoint(webhook_id).subscription_arn]


def test_the_old_subscription_ends_after_the_endpoint_knows_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook_id = world.an_endpoint(delivery="sns")
    [old] = world.subscriptions.found
    known: list[str | None] = []

    def ended(arn: str) -> None:
        assert arn == old
        known.append(world.endpoint(webhook_id).subscription_arn)

    monkeypatch.setattr(world.subscriptions, "unsubscribe", ended)
    patch(world, webhook_id, url="https://b.example/")

    [new] = known
    assert new is not None and new != old


def test_a_subscription_that_was_ended_elsewhere_shows_and_can_be_begun_anew(world: World) -> None:
    webhook_id = world.an_endpoint(delivery="sns")
    world.subscriptions.found.clear()
    assert world.webhooks.show(SERVICE, webhook_id)[1:3] == ("DISABLED", "unsubscribed")

    assert patch(world, webhook_id, status="ACTIVE") == "PENDING"

    assert len(world.subscriptions.found) == 1


def test_sns_keeps_one_subscription_for_a_url(world: World) -> None:
    world.an_endpoint(delivery="sns")

    assert code(lambda: world.created(delivery="sns"), Conflict) == "url_subscribed"


def test_two_endpoints_never_share_a_subscription_that_is_not_confirmed(world: World) -> None:
    world.subscriptions.shares_pending = True
    world.an_endpoint(delivery="sns")
    other = world.an_endpoint("b.example", delivery="sns")

    assert code(lambda: world.created(delivery="sns"), Conflict) == "url_subscribed"
    moved = code(lambda: patch(world, other, url="https://a.example/hook"), Conflict)
    assert moved == "url_subscribed"


def test_an_endpoint_that_we_post_to_leaves_its_url_to_sns(world: World) -> None:
    world.an_endpoint()

    assert world.created(delivery="sns").status == "PENDING"


def test_a_deleted_endpoint_ends_its_subscription(world: World) -> None:
    webhook_id = world.an_endpoint(delivery="sns")

    world.webhooks.delete(SERVICE, webhook_id)

    assert world.subscriptions.found == {}


def test_an_endpoint_that_cannot_be_stored_leaves_no_subscription(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(endpoint: object) -> None:
        raise Unavailable("table")

    monkeypatch.setattr(world.endpoints, "add", down)

    with pytest.raises(Unavailable):
        world.created(delivery="sns")

    assert world.subscriptions.found == {}


def test_what_sns_does_by_itself_is_refused(world: World) -> None:
    webhook_id = world.an_endpoint(delivery="sns")

    for call in (
        lambda: world.webhooks.rotate(SERVICE, webhook_id),
        lambda: world.attempting.test(SERVICE, webhook_id),
        lambda: world.attempting.attempts(SERVICE, webhook_id, None, 10),
        lambda: world.attempting.replay_events(SERVICE, webhook_id, ["x"]),
        lambda: world.attempting.replay_range(SERVICE, webhook_id, 0, None),
    ):
        assert code(call, Conflict) == "delivered_by_sns"
