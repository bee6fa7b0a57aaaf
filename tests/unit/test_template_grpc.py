"""What infra/grpc.yaml promises: TLS from the client to the container, no door beside the balancer,
the settings of the functions, the least of rights."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from test_template import FUNCTIONS, Tags

from grpc_front.methods import METHODS
from grpc_front.server import GRACE
from grpc_front.services import LONGEST_S
from grpc_front.streams import DRAIN_S
from infra.local.home import REPO
from tests.support.privileges import grants
from tests.unit.test_template import RESOURCES, TEMPLATE

pytestmark = pytest.mark.req("RF-008")
NESTED = yaml.load((REPO / "infra" / "grpc.yaml").read_text(), Loader=Tags)
PARTS: dict[str, dict[str, Any]] = {
    name: resource["Properties"] for name, resource in NESTED["Resources"].items()
}
KINDS = {resource["Type"] for resource in NESTED["Resources"].values()}
[CONTAINER] = PARTS["Task"]["ContainerDefinitions"]
ENVIRONMENT = {one["Name"]: one["Value"] for one in CONTAINER["Environment"]}
GIVEN = RESOURCES["GrpcFront"]["Properties"]["Parameters"]
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}
REFLECTIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
ITS_OWN = {
    "GRPC_ADDRESS": "0.0.0.0:50051",
    "GRPC_SELF_SIGNED": "yes",
    "GRPC_VERBOSITY": "NONE",
    "TRUST_FORWARDED_FOR": "1",
    "AWS_DEFAULT_REGION": {"Ref": "AWS::Region"},
    "POWERTOOLS_SERVICE_NAME": "grpc-front",
    "LOOPBACK_WEBHOOKS": "no",
}


def attributes(of: dict[str, Any], name: str) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in of[name]}


def test_there_is_no_grpc_front_unless_an_image_is_named() -> None:
    assert TEMPLATE["Conditions"]["HasGrpc"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "GrpcImage"}, ""]}]
    }
    assert TEMPLATE["Parameters"]["GrpcImage"]["Default"] == ""
    conditional = {n for n, r in RESOURCES.items() if r.get("Condition") == "HasGrpc"}
    assert conditional == {"GrpcFront"}
    assert len(TEMPLATE["Rules"]["AllOfGrpc"]["Assertions"]) == 2


def test_every_parameter_is_given_by_its_name() -> None:
    assert set(GIVEN) == set(NESTED["Parameters"])


def test_clients_speak_tls_1_2_to_the_balancer_and_the_balancer_tls_to_the_tasks() -> None:
    listeners = [n for n in PARTS if NESTED["Resources"][n]["Type"].endswith("::Listener")]

    assert listeners == ["Listener"]
    listener, targets = PARTS["Listener"], PARTS["Targets"]
    assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
    assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert (targets["Protocol"], targets["ProtocolVersion"]) == ("HTTPS", "GRPC")
    assert ENVIRONMENT["GRPC_SELF_SIGNED"] == "yes" and "GRPC_PLAINTEXT" not in ENVIRONMENT


def test_nothing_but_the_exact_paths_of_our_methods_reaches_a_task() -> None:
    """Whatever else is asked for is refused before: a path that is no UTF-8 ends the server."""
    rules = [r for n, r in PARTS.items() if NESTED["Resources"][n]["Type"].endswith("ListenerRule")]
    forwarding = [r for r in rules if r["Actions"] == [FORWARD]]
    conditions = [condition for rule in forwarding for condition in rule["Conditions"]]

    paths = [path for one in conditions for path in one["PathPatternConfig"]["Values"]]

    reflection = {f"/{name}.ServerReflection/ServerReflectionInfo" for name in REFLECTIONS}
    health = {"/grpc.health.v1.Health/Check"}
    assert set(paths) == {f"/{name}" for name in METHODS} | health | reflection
    assert len(paths) == len(set(paths)) and not any(sign in "".join(paths) for sign in "*?")
    assert all(len(one["PathPatternConfig"]["Values"]) <= 5 for one in conditions)
    assert len({rule["Priority"] for rule in rules}) == len(rules) <= 100
    assert all(len(rule["Conditions"]) == 1 for rule in rules)


def test_all_else_is_answered_by_the_balancer_as_clients_understand_it() -> None:
    refused = {"StatusCode": "404", "ContentType": "text/plain"}

    [otherwise] = PARTS["Listener"]["DefaultActions"]
    [of_queries] = PARTS["NoQueries"]["Actions"]

    for action in (otherwise, of_queries):
        assert action["Type"] == "fixed-response"
        assert refused.items() <= action["FixedResponseConfig"].items()
    first = min(r["Priority"] for r in PARTS.values() if "Priority" in r)
    assert PARTS["NoQueries"]["Priority"] == first


def test_the_balancer_asks_for_health_and_a_task_has_time_to_end() -> None:
    targets = PARTS["Targets"]

    assert targets["HealthCheckPath"] == "/grpc.health.v1.Health/Check"
    assert targets["Matcher"] == {"GrpcCode": "0"}
    idle = attributes(PARTS["Balancer"], "LoadBalancerAttributes")["idle_timeout.timeout_seconds"]
    assert int(idle) > 15 * 60, "a stream may be quiet for as long as its token lasts"
    assert CONTAINER["StopTimeout"] > DRAIN_S + GRACE
    delay = attributes(targets, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"]
    assert int(delay) > LONGEST_S, "a call ends before its line is cut"


def test_the_world_reaches_the_balancer_and_only_the_balancer_reaches_a_task() -> None:
    [into_tasks] = PARTS["TaskSecurityGroup"]["SecurityGroupIngress"]

    into_balancer = PARTS["BalancerSecurityGroup"]["SecurityGroupIngress"]
    assert {(rule["FromPort"], rule["ToPort"]) for rule in into_balancer} == {(443, 443)}
    assert into_tasks["SourceSecurityGroupId"] == {
        "Fn::GetAtt": ["BalancerSecurityGroup", "GroupId"]
    }
    assert "CidrIp" not in into_tasks
    [out] = PARTS["TaskSecurityGroup"]["SecurityGroupEgress"]
    assert (out["FromPort"], out["ToPort"]) == (443, 443)


def test_a_container_has_the_settings_of_the_functions_that_do_the_same() -> None:
    """By name and by value, as the parent hands them over."""
    told = dict(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    for function in ("AuthorizeRequestFunction", "HttpApiFunction"):
        told |= FUNCTIONS[function]["Environment"]["Variables"]

    handed = {
        name: GIVEN[value["Ref"]] if isinstance(value, dict) and "Ref" in value else value
        for name, value in ENVIRONMENT.items()
        if name not in ITS_OWN
    }

    assert handed == {name: value for name, value in told.items() if name not in ITS_OWN}
    assert {name: ENVIRONMENT[name] for name in ITS_OWN} == ITS_OWN


def test_ecs_may_fetch_this_image_and_write_this_log() -> None:
    granted = grants(NESTED["Resources"]["ExecutionRole"] | {"Properties": plain()})

    assert granted == {
        "*": {"ecr:GetAuthorizationToken"},
        "the image's repository": {
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        },
        "LogGroup": {"logs:CreateLogStream", "logs:PutLogEvents"},
    }
    assert PARTS["Task"]["TaskRoleArn"] == {"Ref": "TaskRoleArn"}
    assert GIVEN["TaskRoleArn"] == {"Fn::GetAtt": ["GrpcTaskRole", "Arn"]}


def plain() -> dict[str, Any]:
    """The execution role, with a word for the one ARN that is put together."""
    [policy] = PARTS["ExecutionRole"]["Policies"]
    statements = [
        {**s, "Resource": "the image's repository"}
        if isinstance(s["Resource"], dict) and "Fn::Sub" in s["Resource"]
        else s
        for s in policy["PolicyDocument"]["Statement"]
    ]
    return {"Policies": [{"PolicyDocument": {"Statement": statements}}]}


def test_the_repository_is_the_images_whether_by_tag_or_by_digest() -> None:
    text, names = PARTS["ExecutionRole"]["Policies"][0]["PolicyDocument"]["Statement"][1][
        "Resource"
    ]["Fn::Sub"]
    host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

    for image in (f"{host}/chat4all-grpc:0.1.0", f"{host}/chat4all-grpc@sha256:{'0' * 64}"):
        found = {name: worked_out(value, image) for name, value in names.items()}
        assert found == {
            "Account": "123456789012",
            "Region": "eu-west-1",
            "Name": "chat4all-grpc",
        }
    assert text.endswith(":ecr:${Region}:${Account}:repository/${Name}")


def worked_out(value: Any, image: str) -> Any:
    """As CloudFormation does it: `Ref` of the image, `Fn::Split`, `Fn::Select`."""
    match value:
        case {"Ref": "Image"}:
            return image
        case {"Fn::Split": [separator, of]}:
            return worked_out(of, image).split(separator)
        case {"Fn::Select": [index, of]}:
            return worked_out(of, image)[int(index)]
    raise ValueError(value)


def test_a_container_can_do_nothing_to_its_machine() -> None:
    assert CONTAINER["ReadonlyRootFilesystem"] is True
    assert CONTAINER["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert PARTS["LogGroup"]["RetentionInDays"] == 14


def test_two_tasks_are_always_there_and_a_bad_image_is_taken_back() -> None:
    assert PARTS["Scaling"]["MinCapacity"] == 2
    assert "DesiredCount" not in PARTS["Service"], "a deployment would undo the scaling"
    deployment = PARTS["Service"]["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100
    assert len(KINDS & {"AWS::EC2::VPC", "AWS::EC2::NatGateway"}) == 0, "the network is yours"
