"""What one body says of one message is one queue message; the rest goes as it is."""

from __future__ import annotations

from chat4all.delivery import InboundUpdate, StatusBundle, StatusUpdate, bundled
from chat4all.message import TextPayload
from chat4all.receipts import Mark


def a_status(provider_id: str, mark: Mark, at: int = 1) -> StatusUpdate:
    return StatusUpdate(channel="whatsapp", provider_id=provider_id, mark=mark, at=at)


def words(provider_id: str) -> InboundUpdate:
    return InboundUpdate(
        channel="whatsapp",
        provider_id=provider_id,
        account="1",
        address="5511",
        payload=TextPayload(type="text", text="hi"),
        at=1,
    )


def test_statuses_of_one_message_travel_together_and_others_alone() -> None:
    sent, read = a_status("a", Mark.SENT), a_status("a", Mark.READ)
    other, said, then = a_status("b", Mark.READ), words("c"), words("d")

    found = bundled([sent, said, other, read, then])

    assert found == [said, then, StatusBundle(updates=(sent, read)), other]


def test_a_bundle_waits_in_the_group_of_its_message() -> None:
    sent, read = a_status("a", Mark.SENT), a_status("a", Mark.READ)

    [bundle] = bundled([sent, read])

    assert bundle.outgoing().group == sent.outgoing().group


def test_the_same_bundle_again_is_a_repeat_and_another_is_not() -> None:
    sent, read = a_status("a", Mark.SENT), a_status("a", Mark.READ)
    ids = [
        bundled(updates)[0].outgoing().deduplication_id
        for updates in ([sent, read], [sent, read], [sent, a_status("a", Mark.READ, at=2)])
    ]

    assert ids[0] == ids[1]
    assert ids[0] != ids[2]
    assert sent.outgoing().deduplication_id not in ids
