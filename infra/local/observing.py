"""Start and stop what observes the local stack: the exporter, and Prometheus where there is one."""

import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from infra.local.emulator_metrics import FILE as METRICS
from infra.local.home import REPO, Home, StackError
from infra.local.processes import Process, choose_port, start, wait_until_healthy

FILE = "local.json"
OBSERVERS = "observers"
"""In that file: their processes. The stack runs without them, too."""
CONFIG = REPO / "infra" / "prometheus"
WRITTEN_TARGET = "127.0.0.1:9464"
KEPT = "7d"
HOW = "Prometheus itself is not installed: apt-get install prometheus, then up --observe again."


def observe(home: Home) -> dict[str, str]:
    """Start what does not run yet, beside a running stack; where it is reached, by the names that
    local.json has for it. Without a `prometheus` on PATH there is no `prometheus_url`.

    Raises:
        StackError: a port is taken, or something did not start.
    """
    known = home.read(FILE)
    if known.get("emulator") != "ministack":
        raise StackError("--observe is for MiniStack: it has the functions' metrics in a file.")
    running = {process.name: process for process in observers(home) if process.alive()}
    urls = {name: str(known.get(name, "")) for name in ("metrics_url", "prometheus_url")}
    if "exporter" not in running:
        urls["metrics_url"], running["exporter"] = _exporter(home)
    if "prometheus" not in running:
        urls["prometheus_url"] = ""
        if program := shutil.which("prometheus"):
            urls["prometheus_url"], running["prometheus"] = _prometheus(
                home, program, urls["metrics_url"]
            )
    home.write(FILE, {**home.read(FILE), **urls, OBSERVERS: [asdict(p) for p in running.values()]})
    return {name: url for name, url in urls.items() if url}


def observers(home: Home) -> list[Process]:
    return [Process(**process) for process in home.read(FILE).get(OBSERVERS, [])]


def stop(home: Home) -> None:
    """End them, if there are any; what Prometheus has kept stays."""
    for process in reversed(observers(home)):
        process.stop()
    (home.path / METRICS).unlink(missing_ok=True)
    if known := home.read(FILE):
        home.write(FILE, known | {OBSERVERS: [], "metrics_url": "", "prometheus_url": ""})


def _port(home: Home, variable: str, name: str) -> int:
    ports = home.read("ports.json")
    port = choose_port(variable, ports.get(name))
    home.write("ports.json", {**ports, name: port})
    return port


def _exporter(home: Home) -> tuple[str, Process]:
    port = _port(home, "CHAT4ALL_METRICS_PORT", "metrics")
    url = f"http://127.0.0.1:{port}/metrics"
    command = [sys.executable, "-m", "infra.local.observe", str(home.path), str(port)]
    environment = _environment() | {"PYTHONPATH": f"{REPO}:{REPO / 'functions'}"}
    log = home.log("exporter")
    return url, _started("exporter", command, environment, log, url)


def _prometheus(home: Home, program: str, metrics_url: str) -> tuple[str, Process]:
    port = _port(home, "CHAT4ALL_PROMETHEUS_PORT", "prometheus")
    url = f"http://127.0.0.1:{port}"
    folder = home.path / "prometheus"
    folder.mkdir(exist_ok=True)
    target = metrics_url.removeprefix("http://").removesuffix("/metrics")
    config = (CONFIG / "prometheus.yml").read_text().replace(WRITTEN_TARGET, target)
    (folder / "prometheus.yml").write_text(config)
    shutil.copy(CONFIG / "alerts.yml", folder)
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--storage.tsdb.retention.time={KEPT}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    ready = f"{url}/-/ready"
    return url, _started("prometheus", command, _environment(), home.log("prometheus"), ready)


def _environment() -> dict[str, str]:
    """Neither asks AWS for anything."""
    return {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}


def _started(
    name: str, command: list[str], environment: dict[str, str], log: Path, healthy: str
) -> Process:
    process = start(name, command, REPO, environment, log)
    try:
        wait_until_healthy(process, healthy, log)
    except BaseException:
        process.stop()
        raise
    return process
