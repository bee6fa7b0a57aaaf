"""The table that the suites use is the table that template.yaml deploys."""

from __future__ import annotations

from typing import Any

import yaml

from infra.local.home import REPO
from tests.contract.worlds import Aws


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as their plain values."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: str(node.value))


def template_table() -> dict[str, Any]:
    template = yaml.load((REPO / "template.yaml").read_text(), _Loader)
    properties: dict[str, Any] = template["Resources"]["Table"]["Properties"]
    return properties


def test_keys_index_and_stream_are_those_of_the_template(aws: Aws) -> None:
    wanted = template_table()
    table = aws.table()

    found = table.client.describe_table(TableName=table.name)["Table"]

    assert found["KeySchema"] == wanted["KeySchema"]
    names = sorted(a["AttributeName"] for a in found["AttributeDefinitions"])
    assert names == sorted(a["AttributeName"] for a in wanted["AttributeDefinitions"])
    indexes = [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        for index in found["GlobalSecondaryIndexes"]
    ]
    assert indexes == wanted["GlobalSecondaryIndexes"]
    stream = wanted["StreamSpecification"]["StreamViewType"]
    assert found["StreamSpecification"]["StreamViewType"] == stream
    assert found["BillingModeSummary"]["BillingMode"] == wanted["BillingMode"]
