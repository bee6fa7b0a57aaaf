"""Deploy template.yaml to an emulator through CloudFormation, as it would be to AWS."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError
from samtranslator.yaml_helper import yaml_parse

from infra.local import aws
from infra.local.home import REPO, StackError
from infra.local.package import package
from infra.local.permissions import allow_batch_operations

CODE_URI = "CodeUri: functions/\n"


def deploy(
    endpoint: str,
    stage: str,
    parameters: Mapping[str, str] | None = None,
    with_dependencies: bool = False,
    repo: Path = REPO,
    outside: str = "",
) -> dict[str, str]:
    """Create or update the stack of `stage` with the code of now; answer its outputs.

    `outside` is where people reach the emulator, if not at `endpoint`: links in messages and URLs
    of files carry it, unless `parameters` say otherwise.

    Raises:
        StackError: CloudFormation refused or failed; the message lists what failed and why.
    """
    template = (repo / "template.yaml").read_text()
    if template.count(CODE_URI) != 1:
        raise StackError(f"template.yaml must say {CODE_URI!r} exactly once, in Globals")
    digest, content = package(repo / "functions", with_dependencies)
    bucket = f"chat4all-{stage}-code"
    _upload(endpoint, bucket, f"{digest}.zip", content)
    template = template.replace(CODE_URI, f"CodeUri: s3://{bucket}/{digest}.zip\n")
    _upload(endpoint, bucket, "template.yaml", template.encode())
    name = f"chat4all-{stage}"
    which = "localstack" if with_dependencies else "ministack"
    values = {**of_its_own(which, endpoint, stage, outside), **(parameters or {})}
    request: dict[str, Any] = {
        "StackName": name,
        "TemplateURL": f"{endpoint}/{bucket}/template.yaml",  # it is too long to be sent along
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
        ],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    formation = aws.client(endpoint, "cloudformation")
    kind = "update" if _exists(formation, name) else "create"
    try:
        getattr(formation, f"{kind}_stack")(**request)
        _wait(formation, name, kind)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StackError(f"CloudFormation refused the template: {error}") from error
    allow_batch_operations(endpoint, stage)
    _apply_cors(endpoint, template, values)
    made = outputs(endpoint, stage)
    _accept_plain_http(endpoint, made["FilesBucketName"])
    return made


def of_its_own(which: str, endpoint: str, stage: str, outside: str = "") -> dict[str, str]:
    """The parameters that every stack on an emulator has other values for than the defaults."""
    # the ids that the APIs' tags ask for
    return {
        "Stage": stage,
        "PublicUrl": api_address(which, outside or endpoint, f"c4a{stage}"),
        "FilesUrl": outside if outside != endpoint else "",
        "SocketsUrl": sockets_address(endpoint, f"c4a{stage}ws"),
        "LoopbackWebhooks": "yes",
        "TraceShare": "1",
        "Observability": "no",  # emulators have no alarms; `up --observe` has the same figures
    }


def defaults(repo: Path = REPO) -> dict[str, str]:
    """The template's parameters and what they are when nobody says."""
    parameters = yaml_parse((repo / "template.yaml").read_text())["Parameters"]
    return {name: str(about["Default"]) for name, about in parameters.items()}


def api_address(which: str, endpoint: str, api_id: str) -> str:
    """The API's base URL on an emulator; it needs no name service."""
    if which == "localstack":
        return f"{endpoint}/_aws/execute-api/{api_id}/$default"
    return f"{endpoint}/_aws/execute-api/{api_id}"


def sockets_address(endpoint: str, api_id: str) -> str:
    """Where an emulator has the WebSocket API's stage, for clients (ws) and for pushes (http)."""
    return f"{endpoint}/_aws/execute-api/{api_id}/v1"


def _apply_cors(endpoint: str, template: str, values: Mapping[str, str]) -> None:
    """The emulator leaves an API's CorsConfiguration out when CloudFormation creates it."""
    content = yaml_parse(template)
    origins = values.get("BrowserOrigins", content["Parameters"]["BrowserOrigins"]["Default"])
    cors = content["Resources"]["Api"]["Properties"]["CorsConfiguration"]
    cors = {**cors, "AllowOrigins": origins.split(",")}
    client = aws.client(endpoint, "apigatewayv2")
    for found in client.get_apis()["Items"]:
        if found["ProtocolType"] == "HTTP":
            client.update_api(ApiId=found["ApiId"], CorsConfiguration=cors)


def _accept_plain_http(endpoint: str, bucket: str) -> None:
    """A stage of another name than `local` gets the policy that refuses what is not TLS."""
    aws.client(endpoint, "s3").delete_bucket_policy(Bucket=bucket)


def outputs(endpoint: str, stage: str) -> dict[str, str]:
    """The stack's outputs by name."""
    formation = aws.client(endpoint, "cloudformation")
    stack = formation.describe_stacks(StackName=f"chat4all-{stage}")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def parameters(endpoint: str, stage: str) -> dict[str, str]:
    """Those that the stack has now."""
    formation = aws.client(endpoint, "cloudformation")
    stack = formation.describe_stacks(StackName=f"chat4all-{stage}")["Stacks"][0]
    return {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}


def _upload(endpoint: str, bucket: str, key: str, content: bytes) -> None:
    s3 = aws.client(endpoint, "s3")
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=content)


def _exists(formation: Any, name: str) -> bool:
    try:
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return False
    if stack["StackStatus"] in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):
        formation.delete_stack(StackName=name)  # a stack that never came up cannot be updated
        formation.get_waiter("stack_delete_complete").wait(StackName=name)
        return False
    return not str(stack["StackStatus"]).startswith("DELETE_")


def _wait(formation: Any, name: str, kind: str) -> None:
    waiter = formation.get_waiter(f"stack_{kind}_complete")
    try:
        waiter.wait(StackName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 1200})
    except WaiterError as error:
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [
            f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
            f"{event.get('ResourceStatusReason', 'no reason given')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise StackError(f"The stack {name} failed to {kind}:\n" + "\n".join(reasons)) from error
