"""Who may do what to what: the template, expanded as CloudFormation does it, in words."""

from __future__ import annotations

from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local.home import REPO

Grants = dict[str, set[str]]
"""Actions by what they are allowed on."""
ACCOUNT = "iam::${AWS::AccountId}:root"
PLACES = ("arn:${AWS::Partition}:", "${AWS::Region}:${AWS::AccountId}:")


def expanded() -> dict[str, Any]:
    """The resources of template.yaml after its transform: with the roles that SAM makes."""
    template = yaml_parse((REPO / "template.yaml").read_text())
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"  # as `sam build` would say it
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    return dict(translator.translate(template, {"Stage": "local"})["Resources"])


def roles_of_functions(resources: dict[str, Any]) -> dict[str, str]:
    """The logical id of each function's role, by the function's."""
    return {
        name: resource["Properties"]["Role"]["Fn::GetAtt"][0]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def grants(role: dict[str, Any]) -> Grants:
    """What a role's own policies allow. Raises ValueError if any of them does something else."""
    found: Grants = {}
    for policy in role["Properties"].get("Policies", []):
        for statement in as_list(policy["PolicyDocument"]["Statement"]):
            if statement["Effect"] != "Allow" or not {"Action", "Resource"} <= statement.keys():
                raise ValueError(f"not a plain grant: {statement}")
            for resource in as_list(statement["Resource"]):
                where = words(resource) + condition(statement)
                found.setdefault(where, set()).update(as_list(statement["Action"]))
    return found


def opened_to(resource: dict[str, Any]) -> str:
    """Whom a resource's own policy lets in, and when; nothing when it has none."""
    properties = resource.get("Properties", {})
    document = properties.get("KeyPolicy") or properties.get("PolicyDocument")
    if document is None or resource["Type"] == "AWS::IAM::ManagedPolicy":
        return ""
    allowed = [s for s in as_list(document["Statement"]) if s["Effect"] == "Allow"]
    who = [words(next(iter(s["Principal"].values()))) + condition(s) for s in allowed]
    return ", ".join(who).replace(ACCOUNT, "the account") or "nobody"


def condition(statement: dict[str, Any]) -> str:
    return "".join(
        f" if {key} is {words(value)}"
        for tests in statement.get("Condition", {}).values()
        for key, value in tests.items()
    )


def words(value: Any) -> str:
    """An ARN as the template writes it, without what is the same in all of them."""
    if isinstance(value, list):
        return " or ".join(map(words, value))
    if not isinstance(value, dict):
        return str(value)
    [(kind, content)] = value.items()
    if kind == "Ref":
        return str(content)
    if kind == "Fn::GetAtt":
        return ".".join(content).removesuffix(".Arn")
    if kind == "Fn::Sub":
        for place in PLACES:
            content = content.replace(place, "")
        return str(content).replace(".Arn}", "}")
    if kind == "Fn::If":
        return f"{content[0]} ? {words(content[1])} : {words(content[2])}"
    raise ValueError(f"no words for {kind}")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
