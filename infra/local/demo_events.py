"""Events as they reach a server, by a webhook, and an app, by a WebSocket."""

from __future__ import annotations

import time
from typing import Any

from rich.table import Table

from infra.client.realtime import RealtimeClient
from infra.local.client import Api, wait_until
from infra.local.demo_output import at, check, out
from infra.local.receiver import Receiver

TYPES = ["message.accepted", "conversation.delivered", "conversation.read"]
PATIENCE = 10.0


def webhook_and_socket(api: Api, sockets_url: str) -> None:
    out.rule("3. Events: a webhook of a server, a WebSocket of an app")
    conversation = api.conversation("ana", "bruno")
    with Receiver() as receiver:
        wanted = {"url": receiver.url(), "types": TYPES, "conversation_id": conversation}
        endpoint = api.ok("POST", "/v1/webhooks", wanted)
        out.print(f"A server registers {receiver.url()} for {', '.join(TYPES)}.")
        api.ok("POST", f"/v1/webhooks/{endpoint['webhook_id']}/test")
        wait_until(receiver.deliveries, "the test event to reach the server")
        receiver.forget()
        out.print("  [green]✓[/green] a test event reaches it")
        known = connected(api, sockets_url, conversation)
        reconnected(api, sockets_url, conversation, known)
        notified(receiver, endpoint["secret"])
        api.ok("DELETE", f"/v1/webhooks/{endpoint['webhook_id']}")


def app_of(user: str, api: Api, sockets_url: str, known: dict[str, int]) -> RealtimeClient:
    ca_file = api.addresses.ca_file or None
    return RealtimeClient(sockets_url, lambda: api.as_user(user).token, known, ca_file=ca_file)


def connected(api: Api, sockets_url: str, conversation: str) -> dict[str, int]:
    """Bruno's app is there: what Ana writes is pushed to it. What he has seen, then."""
    before = api.history(conversation)[-1]["seq"]
    with (
        app_of("bruno", api, sockets_url, {conversation: before}) as bruno,
        app_of("ana", api, sockets_url, {conversation: before}) as ana,
    ):
        bruno.wait_connected()
        out.print("Bruno's app and Ana's connect. Ana types, and writes three times.")
        ana.typing(conversation)
        check(next_event(bruno, "typing")["user_id"] == "ana", "Bruno sees Ana typing")
        pushes = []
        for words in ("Are you there?", "Look at this.", "Well?"):
            written = time.time()
            message_id = api.send(conversation, "ana", words)
            event = next_event(bruno, "message.accepted")
            pushes.append((time.time() - written) * 1000)
            check(event["message_id"] == message_id, f"“{words}” was pushed: {pushes[-1]:.0f} ms")
        seq = event["seq"]
        bruno.ack(conversation, seq)
        check(api.message(message_id)["status"] == "DELIVERED", "his app acknowledges: DELIVERED")
        bruno.read(conversation, seq)
        check(api.message(message_id)["status"] == "READ", "he has read them: READ")
        return bruno.seen


def reconnected(api: Api, sockets_url: str, conversation: str, known: dict[str, int]) -> None:
    out.print("Bruno's app is gone. Ana writes twice more; it comes back.")
    missed = [api.send(conversation, "ana", words) for words in ("Gone again?", "Good night.")]
    wait_until(lambda: api.message(missed[-1])["seq"], "both to have their place")
    with app_of("bruno", api, sockets_url, known) as bruno:
        found = [next_event(bruno, "message.accepted")["message_id"] for _ in missed]
    check(found == missed, "it gets what it missed, in order, once")


def next_event(client: RealtimeClient, kind: str) -> Any:
    for event in client.events(PATIENCE):
        if event["type"] == kind:
            return event["data"]
    raise AssertionError("nothing was pushed")


def notified(receiver: Receiver, secret: str) -> None:
    """Five messages, one delivered, one read."""
    wait_until(lambda: len(receiver.deliveries()) >= 7, "the server to be told of everything")
    table = Table(box=None, padding=(0, 2))
    for column in ("the server got", "event", "seq", "after"):
        table.add_column(column)
    events = [(delivery, delivery.event(secret)) for delivery in receiver.deliveries()]
    for delivery, event in events:
        data = event["data"]
        happened = at(data.get("accepted_at") or event["timestamp"])
        after = f"{(delivery.at - happened) * 1000:.0f} ms" if "accepted_at" in data else ""
        seq = str(data.get("seq") or f"up to {data['up_to_seq']}")
        table.add_row(event["type"], event["id"], seq, after)
    out.print(table)
    check(len({event["id"] for _, event in events}) == 7, "each event came, all signatures hold")
    out.print()
