"""Who gets a message where: the sender's channels, or the recipient's own order."""

import pytest

from chat4all.delivery import Delivery
from chat4all.planning import plan_deliveries
from chat4all.receipts import Mark, Planned, Status
from chat4all.user import Identity, User
from tests.builders import NOW, a_message
from tests.world import World

BO = User(
    user_id="bo",
    created_at=NOW,
    identities=(
        Identity(channel="whatsapp", address="551100"),
        Identity(channel="instagram", address="igbo", account="page"),
    ),
)
ON_WHATSAPP = Planned(user_id="bo", channel="whatsapp", address="551100")
ON_INSTAGRAM = Planned(user_id="bo", channel="instagram", address="igbo", account="page")
IN_APP = Planned(user_id="bo", channel="app", address="bo")


def plan(channels: tuple[str, ...] | None, user: User | None = BO) -> list[Planned]:
    users = {"bo": user} if user else {}
    return list(plan_deliveries(a_message(channels=channels), ["bo"], users))


@pytest.mark.req("RF-007")
@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (None, [ON_WHATSAPP, ON_INSTAGRAM.model_copy(update={"choice": 1})]),
        (("all",), [ON_WHATSAPP, ON_INSTAGRAM]),
        (("instagram",), [ON_INSTAGRAM]),
        (("instagram", "whatsapp"), [ON_INSTAGRAM, ON_WHATSAPP]),
        (("instagram", "instagram"), [ON_INSTAGRAM]),
        (("app",), [IN_APP]),
        (("whatsapp", "app"), [ON_WHATSAPP, IN_APP]),
    ],
)
def test_channels_mean_each_of_them_and_none_the_recipients_order(channels, expected) -> None:
    assert plan(channels) == expected


@pytest.mark.parametrize("channels", [None, ("all",), ("app",)])
def test_somebody_without_identities_is_reached_in_the_app(channels) -> None:
    user = User(user_id="bo", created_at=NOW)

    assert plan(channels, user) == [IN_APP]


def test_several_addresses_on_one_channel_are_all_used() -> None:
    addresses = [Identity(channel="whatsapp", address=a) for a in ("551100", "551199")]
    user = BO.model_copy(update={"identities": tuple(addresses)})

    assert [p.address for p in plan(("whatsapp",), user)] == ["551100", "551199"]


def test_an_address_that_is_not_known_is_planned_to_fail() -> None:
    user = User(user_id="bo", created_at=NOW)

    assert plan(("whatsapp",), user) == [Planned(user_id="bo", channel="whatsapp")]


def test_a_message_to_an_unknown_address_is_failed_with_a_reason_and_not_lost() -> None:
    world = World()
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana", channels=["whatsapp"])

    world.drain()

    place = world.place(message_id)
    assert place.failures[0].code == "no_identity"
    assert place.times == {(0, Mark.FAILED): world.clock.now()}
    assert world.status(message_id) is Status.FAILED
    assert world.whatsapp.sent == []


def test_only_first_choices_are_queued() -> None:
    world = World()
    world.user("bo", whatsapp="551100", instagram="igbo")
    world.say(world.conversation("ana", "bo"), "ana")

    world.route()

    assert list(world.queue.queues) == ["channel-whatsapp"]


def test_to_chooses_among_the_members() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    world.user("cy", whatsapp="552200")
    conversation = world.conversation("ana", "bo", "cy")
    world.say(conversation, "ana", to=["cy"])

    world.drain()

    assert [address for address, _ in world.whatsapp.sent] == ["552200"]


def test_whoever_left_before_the_message_got_its_place_is_no_recipient() -> None:
    world = World()
    conversation = world.conversation("ana", "bo", "cy")
    message_id = world.say(conversation, "ana", to=["bo", "cy"])
    world.conversation_store.leave(conversation, "bo", NOW)

    world.route()

    assert [p.user_id for p in world.place(message_id).plan] == ["cy"]


@pytest.mark.parametrize(("name", "shown"), [("Ana Lima", "Ana Lima"), (None, "ana")])
def test_in_a_group_the_text_says_who_spoke(name: str | None, shown: str) -> None:
    world = World()
    world.user("ana", name)
    world.user("bo", whatsapp="551100")
    world.say(world.conversation("ana", "bo", "cy"), "ana", "hello")

    world.drain()

    assert world.whatsapp.sent == [("551100", f"{shown}: hello")]


def test_between_two_the_text_stands_alone() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    world.say(world.conversation("ana", "bo"), "ana", "hello")

    world.drain()

    assert world.whatsapp.sent == [("551100", "hello")]


def test_a_delivery_is_queued_by_conversation_and_person() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    conversation = world.conversation("ana", "bo")
    message_id = world.say(conversation, "ana")

    world.route()

    [queued] = world.queue.queues["channel-whatsapp"]
    assert queued.group == f"{conversation}#bo"
    delivery = Delivery.model_validate_json(queued.body)
    assert delivery.opaque == f"{message_id}.0"
    assert (delivery.seq, delivery.address) == (1, "551100")


def test_where_an_address_was_last_spoken_to_is_written_on_change_only() -> None:
    world = World()
    world.user("bo", whatsapp="551100")
    written: list[str] = []
    note = world.user_store.spoke_in

    def counted(user_id, identity, conversation_id) -> None:
        written.append(conversation_id)
        note(user_id, identity, conversation_id)

    world.user_store.spoke_in = counted  # type: ignore[method-assign]
    one, other = world.conversation("ana", "bo"), world.conversation("bo", "cy")
    for conversation, sender in ((one, "ana"), (one, "ana"), (other, "cy"), (one, "ana")):
        world.say(conversation, sender)
        world.route()

    assert written == [one, other, one]
    assert world.store.users["bo"].last_conversations == {"whatsapp/-/551100": one}
