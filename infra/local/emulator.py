"""The local AWS: MiniStack as a process of ours, or a LocalStack that runs already."""

import json
import os
import shutil
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

from infra.local import aws, tls
from infra.local.home import REPO, Home, StackError
from infra.local.processes import Process, choose_port, start, wait_until_healthy

DEFAULT_PORT = 4566
CONCURRENT_INVOCATIONS = "64"


def start_ministack(home: Home, persist: bool, tls_port: int | None = None) -> tuple[str, Process]:
    """Start MiniStack with IAM enforced; answer its endpoint and process.

    The port is CHAT4ALL_AWS_PORT, else the one this home had before, else 4566 or any free one.
    With a `tls_port` it serves TLS there too, and no API at the endpoint.
    With `persist` the state is read now and saved at SIGTERM; kill -9 loses it.

    Raises:
        StackError: the port is taken, or it did not start.
    """
    port = _port(home, persist)
    endpoint = f"http://127.0.0.1:{port}"
    temporary = home.path / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": aws.REGION,
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ACCOUNT_CONCURRENCY": CONCURRENT_INVOCATIONS,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "TMPDIR": str(temporary),
        "LOG_LEVEL": os.environ.get("CHAT4ALL_EMULATOR_LOG_LEVEL", "WARNING"),
    }
    if persist:
        state = home.path / "state"
        settings |= {"PERSIST_STATE": "1", "STATE_DIR": str(state)}
        settings |= {"S3_PERSIST": "1", "S3_DATA_DIR": str(state / "s3")}
        _begin_streams_anew(state)
    environment = {**aws.environment(endpoint), **settings}
    for name in ("AWS_ENDPOINT_URL", "PYTHONPATH"):  # its functions inherit the environment
        environment.pop(name, None)
    command = [sys.executable, "-m", "infra.local.ministack_launcher", str(home.path)]
    if tls_port is not None:
        command += ["--tls", str(tls_port)]
    process = start("emulator", command, REPO, environment, home.log("emulator"))
    health, log = "/_ministack/health", home.log("emulator")
    try:
        wait_until_healthy(process, f"{endpoint}{health}", log)
        if tls_port is not None:
            context = tls.certificates(home).client_context()
            url = f"{tls.endpoint(tls_port)}{health}"
            wait_until_healthy(process, url, log, trusting=context)
    except BaseException:
        process.stop()
        raise
    return endpoint, process


def _begin_streams_anew(state: Path) -> None:
    """Forget how far the table's stream was read: the emulator keeps that, but not the stream, and
    would leave out as many changes as there had been before."""
    kept = state / "lambda.json"
    if kept.exists():
        content = json.loads(kept.read_text())
        if content.get("payload", {}).pop("dynamodb_stream_positions", None) is not None:
            kept.write_text(json.dumps(content))


def _port(home: Home, persist: bool) -> int:
    """The port to use. Stored queues keep their URLs, so stored state stays with its port."""
    ports = home.read("ports.json")
    remembered = ports.get("aws", DEFAULT_PORT)
    wanted = os.environ.get("CHAT4ALL_AWS_PORT")
    port = choose_port("CHAT4ALL_AWS_PORT", remembered)
    if persist and (home.path / "state").exists() and port != remembered:
        raise StackError(
            f"What {home.path} stores belongs to port {remembered}, which is "
            f"{'not the one in CHAT4ALL_AWS_PORT' if wanted else 'taken'}. Use that port, or "
            "start anew with ./scripts/up --fresh."
        )
    home.write("ports.json", {**ports, "aws": port})
    return port


def clean(home: Home) -> None:
    """Delete what a stopped emulator leaves behind."""
    shutil.rmtree(home.path / "tmp", ignore_errors=True)


def find_localstack() -> str:
    """The endpoint of the LocalStack that runs at CHAT4ALL_AWS_PORT or 4566.

    Raises:
        StackError: none answers there, or what answers is a MiniStack.
    """
    endpoint = f"http://127.0.0.1:{os.environ.get('CHAT4ALL_AWS_PORT') or DEFAULT_PORT}"
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=3):
            pass
    except OSError as error:
        raise StackError(
            f"No LocalStack answers at {endpoint} ({error}). Start it first:\n"
            "  docker compose -f infra/localstack/compose.yaml up --detach\n"
            "It needs Docker and a licence: see infra/localstack/README.md."
        ) from error
    with suppress(OSError), urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=3):
        raise StackError(f"What answers at {endpoint} is a MiniStack, perhaps someone else's.")
    return endpoint
