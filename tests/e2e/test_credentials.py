"""Clients, refresh tokens, the first client and a rotation of keys, through the gateway."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from infra.local import aws
from infra.local import stack as stacks
from infra.local.client import Api
from infra.local.running import Addresses, started
from tests.e2e.conftest import People, over_both_doors
from tests.e2e.test_scripts import REPO
from tests.support.over_grpc import GrpcApi

pytestmark = pytest.mark.req("RNF-009")


def asked(api: Api, path: str, **form: str) -> httpx.Response:
    """As an app asks, or a client that has no token yet: by the same door."""
    if isinstance(api, GrpcApi):
        return api.without_token().call("POST", path, form)
    return httpx.post(f"{api.addresses.api_url}{path}", data=form, timeout=30)


def refreshed(api: Api, token: str) -> httpx.Response:
    return asked(api, "/auth/token", grant_type="refresh_token", refresh_token=token)


def a_token(api: Api, client: Any) -> str:
    names = ("client_id", "client_secret")
    answer = asked(api, "/auth/token", **{name: client[name] for name in names})
    return str(answer.raise_for_status().json()["access_token"])


@over_both_doors
def test_a_client_is_made_does_what_it_may_and_is_revoked(stack: Addresses, api: Api) -> None:
    new = {"name": "crm", "scopes": ["users"]}
    made = api.ok("POST", "/v1/clients", new)
    crm = api.with_token(a_token(api, made))

    done = [crm.call("PUT", "/v1/users/crm-1", {"name": "C"}), crm.call("GET", "/v1/clients")]
    api.ok("DELETE", f"/v1/clients/{made['client_id']}")
    minted = crm.call("POST", "/v1/users/crm-1/token")
    again = asked(
        api,
        "/auth/token",
        client_id=made["client_id"],
        client_secret=made["client_secret"],
    )

    assert [answer.status_code for answer in done] == [200, 403]
    assert (minted.status_code, again.status_code) == (401, 401)
    trail = api.ok("GET", "/v1/audit", params={"target": made["client_id"]})["items"]
    assert [(record["action"], record["actor"]) for record in trail] == [
        ("client.refused", made["client_id"]),
        ("client.revoked", stack.client_id),
        ("client.created", stack.client_id),
    ]


@over_both_doors
def test_an_app_stays_signed_in_until_a_copy_of_its_token_is_used(api: Api, people: People) -> None:
    ana, _ = people.on()
    stolen = api.ok("POST", f"/v1/users/{ana}/token", {"refresh": True})["refresh_token"]

    second = refreshed(api, stolen).json()
    third = refreshed(api, second["refresh_token"]).json()
    app = api.with_token(third["access_token"]).call("GET", f"/v1/users/{ana}")
    thief = refreshed(api, stolen)
    owner = refreshed(api, third["refresh_token"])

    assert app.status_code == 200
    assert [answer.json()["code"] for answer in (thief, owner)] == ["invalid_grant"] * 2


@over_both_doors
def test_signing_out_is_open_to_whoever_has_the_token(api: Api, people: People) -> None:
    ana, _ = people.on()
    token = api.ok("POST", f"/v1/users/{ana}/token", {"refresh": True})["refresh_token"]

    assert asked(api, "/auth/revoke", token=token).status_code == 200

    assert refreshed(api, token).json()["code"] == "invalid_grant"


def first_client(stack: Addresses, *options: str) -> subprocess.CompletedProcess[str]:
    environment = aws.environment(stack.aws_endpoint_url)
    return subprocess.run(
        [REPO / "scripts/first-client", stack.stage, *options],
        cwd=REPO,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_first_client_is_made_once_unless_somebody_insists(stack: Addresses, api: Api) -> None:
    refused = first_client(stack)
    made = first_client(stack, "--again", "--name", "spare")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "There is an admin client" in refused.stderr
    assert made.returncode == 0, made.stderr
    credentials = dict(line.lower().split("=", 1) for line in made.stdout.split())
    secret = made.stdout.split("CLIENT_SECRET=")[1].strip()
    spare = api.with_token(a_token(api, {**credentials, "client_secret": secret}))
    assert spare.ok("GET", f"/v1/clients/{credentials['client_id']}")["name"] == "spare"
    assert secret not in "".join(os.environ.values())


@pytest.fixture
def own_stack(tmp_path: Any) -> Iterator[Addresses]:
    with started(tmp_path) as addresses:
        yield addresses


def test_one_key_follows_the_other_and_no_token_that_is_alive_is_refused(
    own_stack: Addresses,
) -> None:
    api, credentials = Api(own_stack), vars(own_stack)

    def deployed(keys: str) -> list[str]:
        stacks.deploy(own_stack.aws_endpoint_url, own_stack.stage, parameters={"SigningKeys": keys})
        answer = httpx.get(f"{own_stack.api_url}/.well-known/jwks.json", timeout=30)
        return [key["kid"] for key in answer.json()["keys"]]

    def let_in(token: str) -> bool:
        return api.with_token(token).call("GET", "/v1/webhooks").status_code == 200

    old = [a_token(api, credentials) for _ in range(3)]  # the gateway keeps what it saw
    both = deployed("A,B")
    assert let_in(old[0])
    turned = deployed("B,A")
    new = a_token(api, credentials)
    assert let_in(old[1]) and let_in(new)
    alone = deployed("B")
    assert let_in(a_token(api, credentials)) and not let_in(old[2])

    assert turned == both[::-1]
    assert alone == both[1:]
    assert [jwt.get_unverified_header(token)["kid"] for token in (old[0], new)] == both
