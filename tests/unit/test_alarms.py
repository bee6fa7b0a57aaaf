"""Alarms, dashboards and rules: of metrics that exist, each with its page in the runbook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from chat4all.metrics import BOUNDED, DEFINITIONS, Kind, Metric
from infra.local import observe_read, observe_stack
from tests.unit.test_template import SOURCE, TEMPLATE, Tags

pytestmark = pytest.mark.req("RNF-008")
REPO = Path(__file__).parents[2]
RUNBOOK = (REPO / "docs" / "runbook.md").read_text()
NESTED = {
    name: yaml.load((REPO / "infra" / f"{name}.yaml").read_text(), Loader=Tags)
    for name in ("observability", "channel_alarms", "grpc")
}
TEMPLATES = {"template": TEMPLATE, **NESTED}
OF_AWS: dict[str, dict[str, tuple[set[str], ...]]] = {
    "AWS/SQS": {
        "ApproximateAgeOfOldestMessage": ({"QueueName"},),
        "ApproximateNumberOfMessagesVisible": ({"QueueName"},),
        "NumberOfMessagesSent": ({"QueueName"},),
    },
    "AWS/Lambda": {
        name: ({"FunctionName"},)
        for name in ("Errors", "Throttles", "Duration", "Invocations", "IteratorAge")
    },
    "AWS/ApiGateway": {
        name: ({"ApiId"},) for name in ("5xx", "4xx", "Count", "Latency", "IntegrationLatency")
    },
    "AWS/DynamoDB": {
        name: ({"TableName"}, {"TableName", "GlobalSecondaryIndexName"})
        for name in (
            *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
            *("ReadThrottleEvents", "WriteThrottleEvents"),
        )
    },
    "AWS/ApplicationELB": {"HealthyHostCount": ({"LoadBalancer", "TargetGroup"},)},
}
"""As the services' own pages list them, with the dimensions that we ask for."""


def text_of(value: Any) -> str:
    """Of a reference, what it refers to."""
    return str(next(iter(value.values()))) if isinstance(value, dict) else str(value)


def alarms() -> Iterator[tuple[str, dict[str, Any]]]:
    for template in TEMPLATES.values():
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                yield text_of(resource["Properties"]["AlarmName"]), resource["Properties"]


ALARMS = dict(alarms())


def looked_at(alarm: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Namespace, metric, dimensions with their values."""
    metrics = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m]
    for metric in metrics or [alarm]:
        dimensions = {d["Name"]: text_of(d["Value"]) for d in metric["Dimensions"]}
        yield text_of(metric["Namespace"]), metric["MetricName"], dimensions


def check(namespace: str, metric: str, dimensions: Iterable[str]) -> None:
    """CloudWatch finds a metric by all of its dimensions, neither more nor fewer."""
    if namespace.startswith("Chat4All/"):
        assert DEFINITIONS[Metric(metric)].by_functions
        assert set(dimensions) in map(set, DEFINITIONS[Metric(metric)].sets), metric
    else:
        assert set(dimensions) in OF_AWS[namespace][metric], metric


def check_values(dimensions: Mapping[str, str]) -> None:
    for name, value in dimensions.items():
        assert name not in BOUNDED or value in BOUNDED[name], f"{name}={value}"


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_at_metrics_that_exist_and_names_its_page(name: str) -> None:
    alarm = ALARMS[name]

    for namespace, metric, dimensions in looked_at(alarm):
        check(namespace, metric, dimensions)
        check_values(dimensions)
    link = re.search(r"\$\{RunbookUrl\}#([a-z-]+)$", text_of(alarm["AlarmDescription"]))
    assert link and re.search(rf"^##+ {link[1]}$", RUNBOOK, re.MULTILINE)
    assert alarm["AlarmActions"] and alarm["TreatMissingData"] in ("notBreaching", "breaching")


def test_each_page_of_the_runbook_has_an_alarm() -> None:
    pages = set(re.findall(r"^##+ ([a-z-]+)$", RUNBOOK, re.MULTILINE))
    rules = (REPO / "infra" / "prometheus" / "alerts.yml").read_text()
    descriptions = " ".join(text_of(alarm["AlarmDescription"]) for alarm in ALARMS.values())

    linked = set(re.findall(r"\}#([a-z-]+)", descriptions))
    assert pages == linked | {"dead-letters"}
    assert set(re.findall(r"docs/runbook\.md#([a-z-]+)", rules)) <= pages


def test_every_channel_has_the_alarms_of_channels() -> None:
    for channel in re.findall(r"# --- channel: (\w+) ---", SOURCE):
        nested = TEMPLATE["Resources"][f"{channel.title()}Alarms"]

        assert nested["Properties"]["TemplateURL"] == "infra/channel_alarms.yaml"
        assert nested["Properties"]["Parameters"]["Channel"] == channel
        assert nested["Condition"] == "HasObservability"


def test_nested_templates_are_given_their_parameters() -> None:
    given = TEMPLATE["Resources"]["Observe"]["Properties"]["Parameters"]
    assert set(given) == set(NESTED["observability"]["Parameters"])
    given = TEMPLATE["Resources"]["WhatsappAlarms"]["Properties"]["Parameters"]
    assert set(given) == set(NESTED["channel_alarms"]["Parameters"])


def test_every_queue_and_every_function_is_watched() -> None:
    watched = json.dumps([NESTED["observability"], NESTED["channel_alarms"]])
    for kind, property in (("Serverless::Function", "FunctionName"), ("SQS::Queue", "QueueName")):
        for resource in TEMPLATE["Resources"].values():
            if resource["Type"] != f"AWS::{kind}":
                continue
            name = text_of(resource["Properties"][property])
            of_channel = re.sub(r"(channel|connector)-\w+", r"\1-${Channel}", name)
            assert "-dead-" in name or f'"{of_channel}"' in watched, name


def test_the_dashboard_shows_metrics_that_exist() -> None:
    body = NESTED["observability"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    widgets = json.loads(body["Fn::Sub"])["widgets"]

    shown: set[str] = set()
    for row in (row for w in widgets for row in w["properties"].get("metrics", [])):
        if isinstance(row[0], dict):
            expression = row[0]["expression"]
            for names, search in re.findall(
                r"SEARCH\('\{([^}]+)\}([^']*)", expression.replace("${Stage}", "s")
            ):
                namespace, *dimensions = names.split(",")
                metric = re.search(r'MetricName="(\w+)"', search)
                assert metric
                check(namespace, metric[1], dimensions)
                check_values(dict(re.findall(r'(\w+)="(\w+)"', search)))
                shown.add(metric[1])
        elif not row[0].startswith("."):
            shown.add(row[1])
            names = [part for part in row[2:] if not isinstance(part, dict)]
            asked = dict(zip(names[::2], names[1::2], strict=True))
            check(row[0].replace("${Stage}", "s"), row[1], asked)
            check_values(asked)
    assert shown >= {metric for metric, about in DEFINITIONS.items() if about.by_functions}


def exposed() -> set[str]:
    """All names that the exporter gives."""
    names = {*observe_stack.OWN, observe_read.ERRORS, f"{observe_read.DURATION}_sum"}
    names.add(f"{observe_read.DURATION}_count")
    for metric, about in DEFINITIONS.items():
        ends = ("_bucket", "_sum", "_count") if about.kind is Kind.HISTOGRAM else ("",)
        names |= {f"{metric}{end}" for end in ends}
    return names


def expressions() -> Iterator[tuple[str, str]]:
    for file in sorted((REPO / "infra" / "grafana").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{file.stem}: {panel['title']}", target["expr"]
    rules = yaml.safe_load((REPO / "infra" / "prometheus" / "alerts.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]


WORDS = {"sum", "by", "rate", "increase", "histogram_quantile", "or", "and"}


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_expressions_are_of_metrics_and_labels_that_the_exporter_has(
    where: str, expression: str
) -> None:
    labels = {"le", "function", "process", *(d for a in DEFINITIONS.values() for d in a.dimensions)}
    without_text = re.sub(r'"[^"]*"|\[\w+\]', "", expression)
    for name in re.findall(r"[a-z_][a-z0-9_]*", without_text):
        assert name in exposed() | labels | WORDS, f"{where}: {name}"
    for label, value in re.findall(r'(\w+)=~?"([^"]*)"', expression):
        for one in value.split("|"):
            assert label not in BOUNDED or one in BOUNDED[label], f"{where}: {label}={one}"


def test_dashboards_are_as_grafana_reads_them() -> None:
    files = list((REPO / "infra" / "grafana").glob("*.json"))
    boards = [json.loads(file.read_text()) for file in files]

    assert len(boards) == 3 and len({board["uid"] for board in boards}) == 3
    shown = " ".join(expression for _, expression in expressions())
    assert all(metric in shown for metric in Metric)
    for board in boards:
        assert board["schemaVersion"] >= 36
        assert board["templating"]["list"][0]["type"] == "datasource"
        assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        places = [panel["gridPos"] for panel in board["panels"]]
        assert all(at["x"] + at["w"] <= 24 for at in places)
        assert len({(at["x"], at["y"]) for at in places}) == len(places)
        assert all(panel["targets"] for panel in board["panels"])


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool comes with prometheus")
def test_prometheus_takes_our_rules_and_every_expression_of_a_panel(tmp_path: Path) -> None:
    folder = REPO / "infra" / "prometheus"
    panels = [
        {"record": f"panel_{number}", "expr": expression}
        for number, (_, expression) in enumerate(expressions())
    ]
    made = tmp_path / "panels.yml"
    made.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": panels}]}))

    for command in (["rules", str(made)], ["config", str(folder / "prometheus.yml")]):
        checked = subprocess.run(["promtool", "check", *command], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr
