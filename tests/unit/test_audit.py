"""The audit trail: written before the act, and read in pages of bounded work."""

from __future__ import annotations

from typing import Any

import pytest

from chat4all.access.audit import KEPT_MS, MOST_LOOKED_AT, Audit, AuditRecord, Sought
from chat4all.adapters.memory import FakeClock, MemoryAuditStore
from chat4all.caller import Caller, CallerKind
from chat4all.errors import Unavailable
from chat4all.ports.audit import Place
from chat4all.webhooks.endpoint import EndpointPatch, NewEndpoint
from tests.support.webhook_world import World, an_event

pytestmark = pytest.mark.req("RNF-009")
ADMIN = Caller("c4a_admin", CallerKind.SERVICE, frozenset({"admin"}), address="203.0.113.7")
DAY_MS = 86_400_000


class Trail:
    def __init__(self) -> None:
        self.clock, self.store = FakeClock(), MemoryAuditStore()
        self.audit = Audit(self.store, self.clock)

    def happen(self, number: int, action: str = "client.created", **detail: Any) -> None:
        self.audit.record(ADMIN, action, f"t-{number}", **detail)
        self.clock.time += 1

    def pages(self, limit: int, **sought: Any) -> list[list[str]]:
        """The targets, page by page."""
        found: list[list[str]] = []
        before: Place | None = None
        while True:
            page = self.audit.page(Sought(**sought), before, limit)
            found.append([record.target for record in page.records])
            if page.more is None:
                return found
            before = page.more


def test_a_record_says_who_what_when_and_from_where() -> None:
    trail = Trail()
    now = trail.clock.now()

    trail.happen(1, scopes=["users"])
    trail.audit.record(None, "user.erasure_completed", "ana")

    first, second = trail.store.records
    assert first == AuditRecord(
        record_id=first.record_id,
        at=now,
        action="client.created",
        actor="c4a_admin",
        actor_kind="service",
        target="t-1",
        address="203.0.113.7",
        detail={"scopes": ["users"]},
    )
    assert (second.actor, second.actor_kind, second.address) == ("system", "system", "")


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_have_all_records_once_the_newest_first(limit: int) -> None:
    trail = Trail()
    for number in range(7):
        trail.happen(number)
        trail.clock.time += 40 * DAY_MS  # months without a record lie between

    pages = trail.pages(limit)

    assert [target for page in pages for target in page] == [
        f"t-{number}" for number in reversed(range(7))
    ]
    assert all(len(page) == limit for page in pages[:-1])


def test_what_was_sought_is_found_and_nothing_else() -> None:
    trail = Trail()
    began = trail.clock.now()
    trail.happen(1, "client.created")
    trail.happen(2, "client.revoked")
    trail.audit.record(None, "client.revoked", "t-3")

    assert trail.pages(10, action="client.revoked") == [["t-3", "t-2"]]
    assert trail.pages(10, actor="system") == [["t-3"]]
    assert trail.pages(10, target="t-1") == [["t-1"]]
    assert trail.pages(10, since=began + 1, until=began + 2) == [["t-2"]]
    assert trail.pages(10, since=began + 2, until=began + 1) == [[]]
    assert trail.pages(10, since=10**15, until=0) == [[]]


def test_a_page_looks_at_a_thousand_records_and_no_more() -> None:
    trail = Trail()
    trail.happen(0, "webhook.deleted")
    for number in range(1, 2 * MOST_LOOKED_AT + 1):
        trail.happen(number)

    assert trail.pages(10, action="webhook.deleted") == [[], [], ["t-0"]]


def test_what_is_older_than_it_is_kept_is_not_looked_for() -> None:
    trail = Trail()
    trail.happen(1)

    trail.clock.time += KEPT_MS

    assert trail.pages(10) == [[]]


def test_a_record_of_a_process_whose_clock_is_ahead_is_found() -> None:
    trail = Trail()
    trail.clock.time += 30_000
    trail.happen(1)

    trail.clock.time -= 30_000

    assert trail.pages(10) == [["t-1"]]


def actions_of(world: World) -> list[tuple[str, dict[str, Any]]]:
    return [(record.action, record.detail) for record in world.audit.records]


def test_what_happens_to_webhooks_is_on_record() -> None:
    world = World()
    secret_url = "https://shop.example:8443/hook?key=secret"
    elsewhere = EndpointPatch(url="https://evil.example/secret")

    made = world.webhooks.create(ADMIN, NewEndpoint(url=secret_url, types=("*",))).endpoint
    world.webhooks.change(ADMIN, made.webhook_id, EndpointPatch(status="PAUSED"))
    world.webhooks.change(ADMIN, made.webhook_id, elsewhere)
    world.attempting.test(ADMIN, made.webhook_id)
    world.webhooks.rotate(ADMIN, made.webhook_id)
    world.webhooks.delete(ADMIN, made.webhook_id)

    assert actions_of(world) == [
        ("webhook.created", {"delivery": "webhook", "host": "shop.example"}),
        ("webhook.changed", {"fields": ["status"]}),
        ("webhook.changed", {"fields": ["url"], "host": "evil.example"}),
        ("webhook.tested", {}),
        ("webhook.secret_rotated", {}),
        ("webhook.deleted", {}),
    ]
    assert {record.target for record in world.audit.records} == {made.webhook_id}
    assert {record.address for record in world.audit.records} == {"203.0.113.7"}
    assert "secret" not in str([record.detail for record in world.audit.records])


def test_where_sns_posts_is_on_record_with_how() -> None:
    world = World()
    new = {"url": "https://shop.example/hook?key=secret", "types": ["*"], "delivery": "sns"}

    world.webhooks.create(ADMIN, NewEndpoint.model_validate(new))

    assert actions_of(world) == [
        ("webhook.created", {"delivery": "sns", "host": "https://shop.example"})
    ]


def test_what_is_posted_again_is_on_record() -> None:
    world = World()
    made = world.webhooks.create(ADMIN, NewEndpoint(url="https://a.example", types=("*",))).endpoint
    world.log.add(0, an_event(1), an_event(2))
    world.audit.records.clear()

    some = world.attempting.replay_events(ADMIN, made.webhook_id, ["event-1", "event-2"])
    range_ = world.attempting.replay_range(ADMIN, made.webhook_id, 0, 1000)

    until = {"since": "1970-01-01T00:00:00.000Z", "until": "1970-01-01T00:00:01.000Z"}
    assert actions_of(world) == [
        ("webhook.replayed", {"replay_id": some.replay_id, "events": 2}),
        ("webhook.replayed", {"replay_id": range_.replay_id, **until}),
    ]


@pytest.mark.parametrize("delivery", ["webhook", "sns"])
def test_what_cannot_be_recorded_is_not_done(delivery: str) -> None:
    world = World()
    new = NewEndpoint.model_validate(
        {"url": "https://shop.example/hook", "types": ["*"], "delivery": delivery}
    )
    made = world.webhooks.create(ADMIN, new).endpoint
    subscribed = dict(vars(world.subscriptions))
    world.log.add(0, an_event())
    world.audit.down = True
    ours = (
        lambda: world.webhooks.rotate(ADMIN, made.webhook_id),
        lambda: world.attempting.test(ADMIN, made.webhook_id),
        lambda: world.attempting.replay_events(ADMIN, made.webhook_id, ["event-1"]),
        lambda: world.attempting.replay_range(ADMIN, made.webhook_id, 0, None),
    )

    for act in (
        lambda: world.webhooks.create(ADMIN, new.model_copy(update={"url": new.url + "/2"})),
        lambda: world.webhooks.change(ADMIN, made.webhook_id, EndpointPatch(status="PAUSED")),
        lambda: world.webhooks.delete(ADMIN, made.webhook_id),
        *(ours if delivery == "webhook" else ()),
    ):
        with pytest.raises(Unavailable):
            act()

    assert world.endpoints.list() == [made]
    assert vars(world.subscriptions) == subscribed
    assert (world.queued(), world.delayed.waiting) == ([], [])
