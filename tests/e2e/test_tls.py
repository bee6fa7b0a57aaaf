"""A local stack with --tls: https and wss, and clients that verify whom they speak to."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from infra.client.realtime_line import Dropped, Line
from infra.local import aws, running, tls
from infra.local.client import Api, Sandbox
from infra.local.home import Home
from infra.local.processes import is_free
from infra.local.running import Addresses
from tests.e2e.conftest import People
from tests.e2e.realtime import token_of
from tests.e2e.test_scripts import REPO
from tests.support.old_tls import can_speak_old_tls, old_client

pytestmark = pytest.mark.req("RNF-009")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """One of our own, as a person starts and stops it: the others' has no TLS."""
    home = Home(tmp_path_factory.mktemp("tls"))
    try:
        up = local(home.path, "up", "--detach", "--tls")
        assert up.returncode == 0, up.stderr
        yield (addresses := running.require(home))
    finally:
        down = local(home.path, "down")
    assert down.returncode == 0, down.stderr
    for url in (addresses.tls_endpoint_url, addresses.aws_endpoint_url, addresses.sandbox_url):
        assert is_free(port_of(url)), f"{url}: nothing listens any more"
    assert is_free(port_of(addresses.grpc_address))


@pytest.fixture(scope="module")
def api(stack: Addresses) -> Api:
    return Api(stack)


def port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def by_plain_http(stack: Addresses, url: str) -> str:
    """The same path at the emulator's plain port."""
    return url.replace(stack.tls_endpoint_url, stack.aws_endpoint_url)


def local(home: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(home, sys.executable, "-m", f"infra.local.{program}", *arguments)


def run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """With free ports of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CHAT4ALL_")}
    return subprocess.run(
        command,
        cwd=REPO,
        env={**environment, "CHAT4ALL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_api_is_there_by_https_and_asks_browsers_to_stay_with_it(
    stack: Addresses, api: Api
) -> None:
    answers = [api.call("GET", "/healthz"), api.call("GET", "/v1/nowhere")]

    assert stack.api_url.startswith("https://")
    assert [a.status_code for a in answers] == [200, 404]
    for answer in answers:
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def test_whoever_does_not_know_the_authority_does_not_speak_to_it(
    stack: Addresses, tmp_path: Path
) -> None:
    another_homes = tls.certificates(Home(tmp_path)).client_context()

    for context in (ssl.create_default_context(), another_homes):
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{stack.api_url}/healthz", verify=context)


@pytest.mark.skipif(not can_speak_old_tls(), reason="this OpenSSL offers no TLS 1.1")
def test_what_is_older_than_tls_1_2_is_refused(stack: Addresses) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{stack.api_url}/healthz", verify=old_client(stack.ca_file))


def test_plain_http_and_ws_are_refused_before_a_token_is_looked_at(
    stack: Addresses, api: Api
) -> None:
    plain = by_plain_http(stack, stack.api_url)
    token = {"authorization": f"Bearer {api.token}"}
    sockets = by_plain_http(stack, stack.sockets_url.replace("wss", "https")).replace("http", "ws")

    answers = [httpx.get(f"{plain}{path}", headers=token) for path in ("/healthz", "/v1/webhooks")]
    with pytest.raises(InvalidStatus) as refused:
        connect(sockets)

    assert [a.status_code for a in answers] == [403, 403]
    assert answers[0].json() == {"message": "This API is served by https and wss only."}
    assert "strict-transport-security" not in answers[0].headers
    assert refused.value.response.status_code == 403


def test_a_socket_is_there_by_wss_for_those_who_know_the_authority(
    stack: Addresses, api: Api, people: People
) -> None:
    ana, _ = people.on()
    token = token_of(api, ana)

    with Line(stack.sockets_url, token, ca_file=stack.ca_file) as line:
        line.tell({"action": "ping", "request_id": "1"})
        [pong] = line.heard(10)

    assert stack.sockets_url.startswith("wss://")
    assert (pong["type"], pong["request_id"]) == ("pong", "1")
    with pytest.raises(Dropped, match="CERTIFICATE_VERIFY_FAILED"):
        Line(stack.sockets_url, token)


@pytest.mark.req("RF-008")
def test_grpc_is_there_by_tls_for_those_who_know_the_authority(stack: Addresses) -> None:
    knowing = grpc.ssl_channel_credentials(Path(stack.ca_file).read_bytes())
    request = health_pb2.HealthCheckRequest()
    refused = []

    with grpc.secure_channel(stack.grpc_address, knowing) as line:
        answer = health_pb2_grpc.HealthStub(line).Check(request, timeout=5)
    for stranger in (
        grpc.secure_channel(stack.grpc_address, grpc.ssl_channel_credentials()),
        grpc.insecure_channel(stack.grpc_address),
    ):
        with stranger as line, pytest.raises(grpc.RpcError) as error:
            health_pb2_grpc.HealthStub(line).Check(request, timeout=5)
        refused.append(error.value.code())

    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert refused == [grpc.StatusCode.UNAVAILABLE] * 2


def test_a_message_with_a_file_goes_all_the_way_by_tls(
    stack: Addresses, api: Api, people: People, tmp_path: Path
) -> None:
    """The provider fetches the file and calls back, both by https."""
    (ana, _), (bo, at) = people.on(), people.on("whatsapp")
    file = tmp_path / "notes.pdf"
    file.write_bytes(b"%PDF-1.7\n" + os.urandom(6_000_000))
    about = ("--from", ana, "--to", bo, "--json")

    done = run(Path(stack.home), sys.executable, "-m", "infra.client.upload", str(file), *about)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    api.wait_for_status(said["message_id"], "READ")
    [item] = Sandbox(stack).inbox(at["whatsapp"], "whatsapp")
    assert item["media"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    fetched = api.call("GET", f"/v1/files/{said['file_id']}/content")
    assert fetched.headers["location"].startswith(f"{stack.tls_endpoint_url}/")
    assert api.http.get(fetched.headers["location"]).content == file.read_bytes()


def test_a_shell_and_node_are_told_whom_to_trust(stack: Addresses) -> None:
    lines = f'eval "$({sys.executable} -m infra.local.env)"; curl -sS "$API/healthz"; env'

    done = run(Path(stack.home), "bash", "-euc", lines)

    assert done.returncode == 0, done.stderr
    shown, *environment = done.stdout.splitlines()
    told = dict(line.split("=", 1) for line in environment if "=" in line)
    assert shown.startswith('{"status":"ok"}')
    assert told["CHAT4ALL_CA_FILE"] == told["NODE_EXTRA_CA_CERTS"] == stack.ca_file
    assert told["SSL_CERT_FILE"] == told["CURL_CA_BUNDLE"]
    assert told["GRPC_TLS"] == "1"
    assert Path(stack.ca_file).read_text() in Path(told["SSL_CERT_FILE"]).read_text()


def test_new_code_keeps_the_addresses_and_up_without_tls_says_what_runs(stack: Addresses) -> None:
    home = Path(stack.home)
    [before] = [p for p in running.processes(Home(home)) if p.name == "grpc"]

    deployed = local(home, "deploy")
    up = local(home, "up", "--detach")

    assert deployed.returncode == 0, deployed.stderr
    functions = aws.client(stack.aws_endpoint_url, "lambda")
    name = f"chat4all-{stack.stage}-http-api"
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    assert variables["PUBLIC_URL"] == stack.api_url
    assert variables["FILES_URL"] == stack.tls_endpoint_url
    assert (up.returncode, "with TLS" in up.stderr) == (1, True)
    now = running.find(Home(home))
    assert now is not None and now.grpc_address == stack.grpc_address
    assert not before.alive(), "the gRPC front has the new code, too"
