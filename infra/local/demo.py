"""Demonstrations 1 and 2, and events, on a stack of their own: started, shown and stopped.

Ends with 0 only if every step really happened.
"""

from __future__ import annotations

import argparse
import sys
import time

from infra.local.client import Api, Sandbox, wait_until
from infra.local.demo_events import webhook_and_socket
from infra.local.demo_home import own_home
from infra.local.demo_output import check, journey, out
from infra.local.home import StackError
from infra.local.running import started


def main() -> int:
    argparse.ArgumentParser(prog="scripts/demo", description=__doc__).parse_args()
    began = time.monotonic()
    out.print("[bold]Chat4All[/bold]: starting a local AWS, deploying template.yaml …")
    try:
        with own_home() as home, started(home) as addresses:
            out.print(f"Deployed in {time.monotonic() - began:.1f} s: {addresses.api_url}\n")
            api, sandbox = Api(addresses), Sandbox(addresses)
            internal_chat(api)
            across_channels(api, sandbox)
            webhook_and_socket(api, addresses.sockets_url)
    except (AssertionError, StackError) as error:
        out.print(f"[bold red]Failed:[/bold red] {error}")
        return 1
    out.print(f"[bold green]Every step happened.[/bold green] {time.monotonic() - began:.1f} s.")
    out.print("Go on with [bold]./scripts/up[/bold]: it leaves a stack running for you.")
    return 0


def internal_chat(api: Api) -> None:
    out.rule("1. Two users of our own app")
    api.user("ana", "Ana")
    api.user("bruno", "Bruno")
    conversation = api.conversation("ana", "bruno")
    ana, bruno = api.as_user("ana"), api.as_user("bruno")
    out.print(f"Ana and Bruno have conversation {conversation}. Ana writes; Bruno is offline.")
    first = ana.send(conversation, "ana", "Hi Bruno, are you there?")
    placed = wait_until(lambda: bruno.message(first)["seq"], "the message to have its place")
    out.print("Bruno comes back, fetches what he missed, reads it and answers.")
    fetched = bruno.history(conversation)
    check([m["message_id"] for m in fetched] == [first], "Bruno finds exactly Ana's message")
    bruno.ok("POST", f"/v1/conversations/{conversation}/read", {"up_to_seq": placed})
    answer = bruno.send(conversation, "bruno", "Here I am.")
    wait_until(lambda: ana.message(answer)["seq"], "the answer to have its place")
    ana.history(conversation)
    journey(api.wait_for_status(first, "READ"))
    journey(api.wait_for_status(answer, "DELIVERED", "READ"))


def across_channels(api: Api, sandbox: Sandbox) -> None:
    out.rule("2. A person on WhatsApp, another on Instagram")
    carla, davi = "5511999990001", "17841400000002"
    api.user("carla", "Carla", whatsapp=carla)
    api.user("davi", "Davi", instagram=davi)
    conversation = api.conversation("carla", "davi")
    out.print(f"Carla writes on WhatsApp ({carla}).")
    sandbox.writes(carla, "whatsapp", "Olá Davi! This comes from WhatsApp.", name="Carla")
    wait_until(lambda: sandbox.texts(davi, "instagram"), "Davi's Instagram to show it")
    [inbound] = api.history(conversation)
    check(
        sandbox.texts(davi, "instagram") == ["Olá Davi! This comes from WhatsApp."],
        "Davi has it on Instagram, once",
    )
    journey(api.wait_for_status(inbound["message_id"], "READ"))
    out.print(f"Davi answers on Instagram ({davi}).")
    sandbox.writes(davi, "instagram", "Oi Carla! This comes from Instagram.")
    wait_until(lambda: sandbox.texts(carla, "whatsapp"), "Carla's WhatsApp to show it")
    check(
        sandbox.texts(carla, "whatsapp") == ["Oi Carla! This comes from Instagram."],
        "Carla has it on WhatsApp, once",
    )
    answer = api.history(conversation)[-1]
    journey(api.wait_for_status(answer["message_id"], "READ"))


if __name__ == "__main__":
    sys.exit(main())
