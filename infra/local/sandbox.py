"""The provider sandbox: started, told where the callbacks go, and known to the channels."""

import json
import secrets
import sys
import urllib.request
from pathlib import Path
from typing import Any

from infra.local import aws
from infra.local.home import REPO, Home, StackError
from infra.local.processes import Process, choose_port, start, wait_until_healthy

IMITATED = ("whatsapp", "instagram")
GRAPH_API_VERSION = "v23.0"


def channels(functions: Path = REPO / "functions") -> list[str]:
    """The channels that exist in the code and that the sandbox imitates."""
    return [name for name in IMITATED if (functions / "chat4all" / "channels" / name).is_dir()]


def start_sandbox(
    home: Home, everywhere: bool = False, bundle: Path | None = None
) -> tuple[str, Process]:
    """Start it on CHAT4ALL_SANDBOX_PORT, else the port of last time, else any free one.

    It listens on this machine only, unless `everywhere`: containers cannot reach it otherwise.
    With a `bundle` it trusts these authorities: callbacks and files go by TLS then.

    Raises:
        StackError: the port is taken, or it did not start.
    """
    remembered = home.read("ports.json").get("sandbox")
    port = choose_port("CHAT4ALL_SANDBOX_PORT", remembered)
    home.write("ports.json", {**home.read("ports.json"), "sandbox": port})
    folder = REPO / "functions" / "provider_sandbox"
    program = ["serve.py"] if (folder / "serve.py").exists() else ["-m", "chalice", "local"]
    host = "0.0.0.0" if everywhere else "127.0.0.1"  # noqa: S104 - containers
    command = [sys.executable, *program, "--host", host, "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    environment = aws.environment(url) | ({"SSL_CERT_FILE": str(bundle)} if bundle else {})
    process = start("sandbox", command, folder, environment, home.log("sandbox"))
    try:
        wait_until_healthy(process, f"{url}/sandbox/healthz", home.log("sandbox"))
    except BaseException:
        process.stop()
        raise
    return url, process


def from_a_container(url: str) -> str:
    """The same address as a Docker container sees it."""
    return url.replace("127.0.0.1", "host.docker.internal")


def introduce(
    home: Home, endpoint: str, stage: str, api_url: str, sandbox_url: str, seen_by_channels: str
) -> None:
    """Give the sandbox and the channels the same secrets, and each the other's address."""
    known = _secrets(home)
    settings = {
        name: {"callback_url": f"{api_url}/v1/channels/{name}/webhook", **known[name]}
        for name in IMITATED
    }
    _put(f"{sandbox_url}/sandbox/settings", settings)
    ssm = aws.client(endpoint, "ssm")
    for name in channels():
        value = {"base_url": f"{seen_by_channels}/{name}", "api_version": GRAPH_API_VERSION}
        ssm.put_parameter(
            Name=f"/chat4all/{stage}/channels/{name}",
            Type="SecureString",
            Value=json.dumps(value | known[name]),
            Overwrite=True,
        )


def _secrets(home: Home) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = home.read("secrets.json")
    for name in IMITATED:
        known.setdefault(
            name,
            {
                "account": str(10**14 + secrets.randbelow(9 * 10**14)),  # like Meta's ids
                "access_token": secrets.token_urlsafe(32),
                "app_secret": secrets.token_hex(16),
                "verify_token": secrets.token_urlsafe(16),
            },
        )
    home.write("secrets.json", known)
    return known


def _put(url: str, content: dict[str, Any]) -> None:
    request = urllib.request.Request(
        url,
        method="PUT",
        data=json.dumps(content).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10):
            return
    except OSError as error:
        raise StackError(f"The sandbox refused its settings: {error}") from error
