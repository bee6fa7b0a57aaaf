"""How the server listens: by TLS, or in plain text on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
import trustme

from grpc_front.server import Front
from grpc_front.tls import BadSettings, Listening, credentials, from_environment, self_signed
from tests.support.made_up_front import (
    Calls,
    echo,
    plain,
    serving,
)

pytestmark = pytest.mark.req("RF-008")


def files(folder: Path) -> tuple[Listening, Path]:
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    own.cert_chain_pems[0].write_to_path(folder / "own.pem")
    own.private_key_pem.write_to_path(folder / "own.key")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    given = Listening(
        address="127.0.0.1:0", certificate=str(folder / "own.pem"), key=str(folder / "own.key")
    )
    return given, folder / "ca.pem"


def test_a_client_that_trusts_the_authority_speaks_by_tls_and_nobody_by_plain_text(
    tmp_path: Path,
) -> None:
    listening, ca = files(tmp_path)

    async def scenario() -> None:
        async with serving(Calls(), listening) as (_, port):
            knowing = grpc.ssl_channel_credentials(ca.read_bytes())
            another = grpc.ssl_channel_credentials(self_signed()[1])
            async with grpc.aio.secure_channel(f"127.0.0.1:{port}", knowing) as channel:
                assert await echo(channel, b"by TLS") == b"by TLS"
            async with grpc.aio.secure_channel(f"127.0.0.1:{port}", another) as channel:
                with pytest.raises(grpc.aio.AioRpcError, match="CERTIFICATE_VERIFY_FAILED"):
                    await echo(channel, b"to a stranger")
            async with plain(port) as channel:
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await echo(channel, b"in plain text")
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE

    asyncio.run(scenario())


def test_a_certificate_of_its_own_is_made_at_each_start() -> None:
    listening = Listening(address="0.0.0.0:0", self_signed="yes")

    first, second = self_signed(), self_signed()

    assert listening.encrypted and credentials(listening) is not None
    assert first[0] != second[0] and b"PRIVATE KEY" in first[0]


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "10.0.0.1:50051", "example.com:1"])
def test_plain_text_is_for_this_machine_alone_unless_it_is_asked_for(address: str) -> None:
    with pytest.raises(BadSettings, match="without TLS it listens on this machine's own"):
        from_environment({"GRPC_ADDRESS": address})

    asked = from_environment({"GRPC_ADDRESS": address, "GRPC_PLAINTEXT": "yes"})
    assert credentials(asked) is None
    for own in ("127.0.0.1:0", "[::1]:0", "localhost:1"):
        assert not from_environment({"GRPC_ADDRESS": own}).encrypted


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"GRPC_CERTIFICATE": "a.pem"}, "come together"),
        (
            {"GRPC_CERTIFICATE": "a.pem", "GRPC_KEY": "b", "GRPC_SELF_SIGNED": "yes"},
            "GRPC_SELF_SIGNED",
        ),
        ({"GRPC_SELF_SIGNED": "maybe"}, "GRPC_SELF_SIGNED: Input should be"),
    ],
)
def test_settings_that_do_not_fit_are_told(environment: dict[str, str], says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        from_environment(environment)


def test_files_that_are_no_certificate_are_told(tmp_path: Path) -> None:
    listening, _ = files(tmp_path)
    (tmp_path / "other.key").write_bytes(self_signed()[0])
    (tmp_path / "text").write_text("no PEM")

    def with_key(name: str) -> Listening:
        return listening.model_copy(update={"key": str(tmp_path / name)})

    for name, says in [
        ("other.key", "not the key of"),
        ("text", "no PEM"),
        ("nowhere", "cannot be read"),
    ]:
        with pytest.raises(BadSettings, match=says):
            credentials(with_key(name))


def test_a_port_that_is_taken_is_an_error_and_is_not_shared() -> None:
    async def scenario() -> None:
        async with serving(Calls()) as (_, port):
            second = Front(Listening(address=f"127.0.0.1:{port}"), [], Calls().drain)
            with pytest.raises(BadSettings, match="is it taken"):
                second.open()

    asyncio.run(scenario())
