"""Endpoints are registered, changed and taken away by services, and by nobody else."""

from __future__ import annotations

import pytest

from chat4all.errors import Conflict, Forbidden, Invalid, NotFound
from chat4all.ports.webhooks import Posted
from chat4all.webhooks.endpoint import EndpointPatch, EndpointStatus, NewEndpoint, Secret
from tests.builders import SERVICE, an_id, as_user
from tests.support.webhook_world import CONVERSATION, World, an_event, code, patch

pytestmark = pytest.mark.req("RF-009")
DAY = 86_400


def test_a_new_endpoint_is_active_and_its_secret_is_shown_once(world: World) -> None:
    created = world.created(types=["message.read"], description="CRM")

    [listed] = world.webhooks.list(SERVICE)
    shown = world.webhooks.show(SERVICE, created.endpoint.webhook_id)
    assert created.secret and created.secret.startswith("whsec_")
    assert listed == shown == created._replace(secret=None)
    assert (shown.status, shown.endpoint.description) == ("ACTIVE", "CRM")


def test_a_secret_is_in_no_repr(world: World) -> None:
    created = world.created()

    assert str(created.secret) not in repr(created.endpoint)
    assert str(created.secret) not in repr(Secret(value=str(created.secret)))


def test_users_may_do_nothing_with_webhooks(world: World) -> None:
    webhook_id, ana = world.an_endpoint(), as_user("ana")
    new = NewEndpoint(url="https://a.example/", types=("*",))

    for call in (
        lambda: world.webhooks.create(ana, new),
        lambda: world.webhooks.list(ana),
        lambda: world.webhooks.show(ana, webhook_id),
        lambda: world.webhooks.change(ana, webhook_id, EndpointPatch()),
        lambda: world.webhooks.delete(ana, webhook_id),
        lambda: world.webhooks.rotate(ana, webhook_id),
        lambda: world.attempting.test(ana, webhook_id),
        lambda: world.attempting.attempts(ana, webhook_id, None, 10),
        lambda: world.attempting.replay_events(ana, webhook_id, ["x"]),
        lambda: world.attempting.replay_range(ana, webhook_id, 0, None),
    ):
        assert code(call, Forbidden) == "service_only"


def test_what_is_not_there_is_not_found(world: World) -> None:
    gone = world.an_endpoint()
    world.webhooks.delete(SERVICE, gone)

    for call in (
        lambda: world.webhooks.show(SERVICE, gone),
        lambda: world.webhooks.delete(SERVICE, gone),
        lambda: world.attempting.test(SERVICE, an_id(1)),
    ):
        assert code(call, NotFound) == "webhook_not_found"


def test_an_unknown_type_is_refused_and_the_known_ones_are_told(world: World) -> None:
    webhook_id = world.an_endpoint()

    with pytest.raises(Invalid) as caught:
        world.created(types=["message.sent", "message.seen", "endpoint.test"])

    assert caught.value.code == "unknown_event_type"
    assert "endpoint.test, message.seen" in caught.value.detail
    assert "message.sent" in str(caught.value.extra["types"])
    assert code(lambda: patch(world, webhook_id, types=["x"]), Invalid) == "unknown_event_type"


@pytest.mark.parametrize("types", [[], ["*", "typing"], ["message.sent"] * 33, [""]])
def test_types_are_one_to_32_or_the_star_alone(types: list[str]) -> None:
    with pytest.raises(ValueError):
        NewEndpoint.model_validate({"url": "https://a.example", "types": types})


def test_a_type_that_is_named_twice_counts_once(world: World) -> None:
    assert world.created(types=["typing", "typing"]).endpoint.types == ("typing",)


@pytest.mark.parametrize("url", ["http://a.example/", "https://10.0.0.1/", "https://inside/"])
def test_a_url_that_we_do_not_post_to_is_refused_at_the_start_and_when_changed(
    world: World, url: str
) -> None:
    webhook_id = world.an_endpoint()
    world.resolver.names["inside"] = ["10.0.0.7"]
    new = NewEndpoint(url=url, types=("*",))

    assert code(lambda: world.webhooks.create(SERVICE, new), Invalid) == "bad_webhook_url"
    assert code(lambda: patch(world, webhook_id, url=url), Invalid) == "bad_webhook_url"


def test_there_are_a_hundred_at_the_most(world: World) -> None:
    for number in range(100):
        world.an_endpoint(f"a{number}.example")

    assert code(lambda: world.created("one-more.example"), Conflict) == "too_many_webhooks"


def test_a_pause_and_its_end(world: World) -> None:
    webhook_id = world.an_endpoint()

    assert patch(world, webhook_id, status="PAUSED") == "PAUSED"
    world.happens(an_event())
    assert world.queued() == []

    assert patch(world, webhook_id, status="ACTIVE") == "ACTIVE"
    world.happens(an_event())
    assert len(world.queued()) == 1


def test_nobody_disables_an_endpoint_by_hand() -> None:
    with pytest.raises(ValueError):
        EndpointPatch.model_validate({"status": "DISABLED"})


def test_active_takes_a_disabling_and_its_cause_back(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.poster.answers_with("a.example", Posted(410))
    world.happens(an_event())
    world.dispatches()
    world.endpoints.update(world.endpoint(webhook_id), failing_since=1)
    assert world.webhooks.show(SERVICE, webhook_id)[1:3] == ("DISABLED", "gone")

    assert patch(world, webhook_id, status="ACTIVE") == "ACTIVE"

    endpoint = world.endpoint(webhook_id)
    assert (endpoint.disabled_reason, endpoint.failing_since) == (None, None)


def test_a_patch_changes_what_it_names_and_nothing_else(world: World) -> None:
    webhook_id = world.an_endpoint(description="CRM", conversation_id=CONVERSATION)
    before = world.endpoint(webhook_id)

    patch(world, webhook_id, types=["typing"])
    patch(world, webhook_id, url="https://b.example/")
    patch(world, webhook_id, description=None)
    patch(world, webhook_id)

    changes = {"types": ("typing",), "url": "https://b.example/", "description": None}
    assert world.endpoint(webhook_id) == before.model_copy(update={**changes, "version": 4})


def test_another_url_begins_without_the_failures_of_the_one_before(world: World) -> None:
    webhook_id = world.an_endpoint()
    world.endpoints.update(world.endpoint(webhook_id), failing_since=1)

    patch(world, webhook_id, url="https://b.example/")

    assert world.endpoint(webhook_id).failing_since is None


def test_old_and_new_secret_sign_for_a_day_and_then_the_new_one(world: World) -> None:
    created = world.created()
    webhook_id, old = created.endpoint.webhook_id, str(created.secret)

    new = str(world.webhooks.rotate(SERVICE, webhook_id).secret)
    endpoint, now = world.endpoint(webhook_id), world.clock.now()

    assert endpoint.signing(now + DAY * 1000 - 1) == [new, old]
    assert endpoint.signing(now + DAY * 1000) == [new]


def test_a_second_rotation_gives_the_first_secret_no_longer_life(world: World) -> None:
    created = world.created()
    webhook_id, first = created.endpoint.webhook_id, str(created.secret)
    second = str(world.webhooks.rotate(SERVICE, webhook_id).secret)
    world.clock.advance(DAY / 2)

    third = str(world.webhooks.rotate(SERVICE, webhook_id).secret)

    endpoint, now = world.endpoint(webhook_id), world.clock.now()
    assert set(endpoint.signing(now)) == {third, second, first}
    assert set(endpoint.signing(now + DAY * 500)) == {third, second}


def test_status_names_are_those_of_the_documentation() -> None:
    assert [str(status) for status in EndpointStatus] == ["ACTIVE", "PAUSED", "DISABLED"]
