"""What the local scripts do with words that they do not know, and with what is the user's."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from infra.local import aws, demo, deploy, down, env, first_client, redrive, replay, stack, up
from infra.local.demo_home import own_home
from infra.local.home import Home, StackError
from infra.local.processes import Process, choose_port
from infra.local.running import FILE, Addresses

SCRIPTS = {
    "up": up.main,
    "down": down.main,
    "env": env.main,
    "demo": demo.main,
    "deploy": deploy.main,
    "redrive": redrive.main,
    "replay": replay.main,
    "first-client": first_client.main,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """One in which nothing runs."""
    monkeypatch.setenv("CHAT4ALL_HOME", str(tmp_path / "home"))
    return Home.from_environment()


@pytest.fixture
def running(home: Home) -> Home:
    """One whose stack runs, or so it seems: this process stands in for it."""
    addresses = Addresses(
        api_url="http://127.0.0.1:9/api",
        sandbox_url="http://127.0.0.1:9",
        aws_endpoint_url="http://127.0.0.1:9",
        client_id="c4a_1",
        client_secret="the secret",
        stage="local",
        region=aws.REGION,
        table_name="t",
        sockets_url="ws://127.0.0.1:9",
        home=str(home.path),
        emulator="ministack",
    )
    ours = Process("emulator", os.getpid(), [])
    home.write(FILE, asdict(addresses) | {"processes": [asdict(ours)]})
    return home


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def call(monkeypatch: pytest.MonkeyPatch, main: Callable[[], int], *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["script", *arguments])
    try:
        return main()
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(("word", "code"), [("--help", 0), ("--nonsense", 2)])
@pytest.mark.parametrize("name", SCRIPTS)
def test_help_and_strange_words_do_nothing_but_tell_the_usage(
    running: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    word: str,
    code: int,
) -> None:
    before = running.read(FILE)

    assert call(monkeypatch, SCRIPTS[name], word) == code

    shown = capsys.readouterr()
    assert "usage: scripts/" in shown.out + shown.err
    assert "the secret" not in shown.out
    assert running.read(FILE) == before


def test_a_demonstration_lives_beside_the_users_own_stack(
    running: Home, monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    monkeypatch.setenv("CHAT4ALL_AWS_PORT", str(taken_port))

    with own_home() as place:
        assert place != running.path and running.path not in place.parents
        assert "CHAT4ALL_AWS_PORT" not in os.environ

    assert not place.exists()
    assert running.read(FILE)["client_id"] == "c4a_1"


def test_a_shell_that_had_tls_forgets_our_certificates_and_keeps_its_own(
    running: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAT4ALL_CA_FILE", str(running.path / "tls" / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(running.path / "tls" / "bundle.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", "/etc/company.pem")
    monkeypatch.setenv("GRPC_TLS", "1")
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)

    assert call(monkeypatch, env.main) == 0

    lines = capsys.readouterr().out.splitlines()
    [unset] = [line for line in lines if not line.startswith("export ")]
    assert unset == "unset CHAT4ALL_CA_FILE SSL_CERT_FILE GRPC_TLS"


def test_a_shell_is_told_that_grpc_is_by_tls_when_it_is(
    running: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(monkeypatch, env.main)
    plain = capsys.readouterr().out
    running.write(FILE, running.read(FILE) | {"ca_file": str(running.path / "tls" / "ca.pem")})
    call(monkeypatch, env.main)

    assert "GRPC_TLS" not in plain
    assert "export GRPC_TLS=1\n" in capsys.readouterr().out


@pytest.mark.parametrize(("ca_file", "asked"), [("", ["--tls"]), ("/tls/ca.pem", [])])
def test_a_stack_that_runs_otherwise_than_asked_for_is_an_error_and_nothing_else(
    running: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ca_file: str,
    asked: list[str],
) -> None:
    running.write(FILE, running.read(FILE) | {"ca_file": ca_file})

    code = call(monkeypatch, up.main, "--detach", *asked)

    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "")
    assert "./scripts/down comes first" in shown.err and len(shown.err.splitlines()) == 1


def test_up_says_by_what_grpc_is_spoken(
    running: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = {"ca_file": "/tls/ca.pem", "grpc_address": "127.0.0.1:9"}
    running.write(FILE, running.read(FILE) | now)

    code = call(monkeypatch, up.main, "--detach", "--tls")

    assert code == 0
    assert "gRPC         127.0.0.1:9 (TLS)\n" in capsys.readouterr().out


@pytest.mark.req("RNF-009")
def test_only_its_owner_enters_a_home_also_one_from_before(home: Home, tmp_path: Path) -> None:
    home.write("ports.json", {})
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700

    home.path.chmod(0o755)
    with home.locked():
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o700

    strange = Home(tmp_path / "strange")
    strange.path.mkdir()
    strange.path.chmod(0o755)
    strange.make()
    assert stat.S_IMODE(strange.path.stat().st_mode) == 0o755, "it may be anybody's"


def test_a_parameter_that_is_misspelt_is_refused_by_name() -> None:
    known = stack.defaults()

    deploy.check({"SigningKeys": "B,A", "Stage": "local"}, known, "local")
    with pytest.raises(StackError, match=r"no parameter Signing\. .*SigningKeys"):
        deploy.check({"Signing": "A"}, known, "local")
    with pytest.raises(StackError, match="CHAT4ALL_STAGE"):
        deploy.check({"Stage": "dev"}, known, "local")


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:1", "http://[::1]:1"])
def test_what_is_for_aws_is_refused_in_a_shell_of_the_emulators(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.delenv("CHAT4ALL_STAGE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    aws.is_meant("local")
    assert call(monkeypatch, first_client.main, "dev") == 1
    assert call(monkeypatch, redrive.main, "inbound", "--aws", "dev") == 1

    assert capsys.readouterr().err.count("Use a new shell") == 2


def test_an_endpoint_of_aws_itself_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://vpce-1.lambda.us-east-1.vpce.amazonaws.com")

    aws.is_meant("dev")


def test_a_port_that_is_taken_is_told_with_the_variable(
    monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    monkeypatch.setenv("CHAT4ALL_AWS_PORT", str(taken_port))
    with pytest.raises(StackError, match=f"Port {taken_port} is taken.*CHAT4ALL_AWS_PORT"):
        choose_port("CHAT4ALL_AWS_PORT")

    monkeypatch.setenv("CHAT4ALL_AWS_PORT", "many")
    with pytest.raises(StackError, match="is no port"):
        choose_port("CHAT4ALL_AWS_PORT")


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot be read"), ("{", "not JSON"), ("[]", "no event")]
)
def test_a_file_that_is_no_event_is_told_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    told: str,
) -> None:
    file = tmp_path / "nope.json"
    if content is not None:
        file.write_text(content)

    assert call(monkeypatch, replay.main, str(file)) == 1

    assert told in capsys.readouterr().err
    assert json.loads(Path("events/token.json").read_text()) == replay.read(
        Path("events/token.json")
    )
