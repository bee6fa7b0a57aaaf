"""What template.yaml promises of files: a bucket nobody else reads, and who may do what in it."""

from typing import Any

import pytest
from test_template import (
    FUNCTIONS,
    MAPPINGS,
    QUEUES,
    RESOURCES,
    TEMPLATE,
    resources,
    statements,
)

from chat4all.adapters.aws import client

BUCKET = resources("AWS::S3::Bucket")["FilesBucket"]
FILES = {"Fn::Sub": "${FilesBucket.Arn}/files/*"}
WORKERS = {"FinishUploadFunction": "UploadsQueue", "FetchMediaFunction": "MediaQueue"}
CONNECTORS = [name for name in FUNCTIONS if name.endswith("ConnectorFunction")]


def variables(function: str) -> dict[str, Any]:
    return dict(FUNCTIONS[function]["Environment"]["Variables"])


def actions(function: str, service: str) -> set[str]:
    prefix = f"{service}:"
    granted = {action for statement in statements(function) for action in statement["Action"]}
    return {action.removeprefix(prefix) for action in granted if action.startswith(prefix)}


def test_the_bucket_is_private_and_keeps_no_versions() -> None:
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(BUCKET["PublicAccessBlockConfiguration"]) == 4
    assert BUCKET["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "VersioningConfiguration" not in BUCKET


def test_an_unfinished_upload_is_aborted_after_a_day() -> None:
    (rule,) = BUCKET["LifecycleConfiguration"]["Rules"]

    assert rule["Status"] == "Enabled" and "Prefix" not in rule
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_a_page_of_the_origins_named_may_upload_and_read_the_etag() -> None:
    (rule,) = BUCKET["CorsConfiguration"]["CorsRules"]
    api = resources("AWS::ApiGatewayV2::Api")["Api"]

    assert set(rule["AllowedMethods"]) == {"GET", "HEAD", "PUT"}
    assert rule["ExposedHeaders"] == ["ETag"] and rule["AllowedHeaders"] == ["*"]
    assert rule["AllowedOrigins"] == {"Ref": "BrowserOrigins"}
    assert api["CorsConfiguration"]["AllowOrigins"] == rule["AllowedOrigins"]
    assert TEMPLATE["Parameters"]["BrowserOrigins"]["Default"] == "*"


def test_nothing_reaches_the_bucket_without_tls_except_on_an_emulator() -> None:
    policy = RESOURCES["FilesBucketPolicy"]
    statement, _ = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Condition"] == "HasTls"
    assert TEMPLATE["Conditions"]["HasTls"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "local"]}]
    }
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Action"] == "s3:*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_files_stay_when_the_stack_goes_but_a_deployment_that_failed_leaves_nothing() -> None:
    bucket = RESOURCES["FilesBucket"]

    assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
    assert bucket["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_reaches_files_only_and_lists_only_them(name: str) -> None:
    for statement in statements(name):
        if not any(action.startswith("s3:") for action in statement["Action"]):
            continue
        if statement["Action"] == ["s3:ListBucket"]:
            assert statement["Resource"] == {"Fn::GetAtt": ["FilesBucket", "Arn"]}
            assert statement["Condition"] == {"StringLike": {"s3:prefix": "files/*"}}
        else:
            assert statement["Resource"] == FILES


def test_the_api_signs_uploads_and_downloads_and_deletes_nothing() -> None:
    assert actions("HttpApiFunction", "s3") == {
        "GetObject",
        "PutObject",
        "AbortMultipartUpload",
        "ListMultipartUploadParts",
    }


def test_who_erases_can_read_no_file_and_write_none() -> None:
    assert actions("EraseUserFunction", "s3") == {"DeleteObject", "AbortMultipartUpload"}


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_reads_files_and_writes_links_to_them(name: str) -> None:
    assert actions(name, "s3") == {"GetObject"}
    assert {"GetItem", "PartiQLInsert"} <= actions(name, "dynamodb")
    assert "PutItem" not in actions(name, "dynamodb"), "it could replace any item"
    assert variables(name)["FILES_BUCKET"] == {"Ref": "FilesBucket"}


def test_no_other_function_touches_the_bucket() -> None:
    touching = {name for name in FUNCTIONS if actions(name, "s3")}

    assert touching == {"HttpApiFunction", "EraseUserFunction", *WORKERS, *CONNECTORS}
    assert touching == {name for name in FUNCTIONS if "FILES_BUCKET" in variables(name)}


@pytest.mark.parametrize(("name", "queue"), WORKERS.items())
def test_a_file_has_a_function_for_itself_that_takes_nobodys_share(name: str, queue: str) -> None:
    (mapping,) = [m for m in MAPPINGS.values() if m["FunctionName"] == {"Ref": name}]

    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert mapping["BatchSize"] == 1
    assert mapping["ScalingConfig"]["MaximumConcurrency"] <= 100
    s3 = client.__wrapped__("s3").meta.config
    longest_call = s3.read_timeout * s3.retries["total_max_attempts"]
    assert longest_call < FUNCTIONS[name]["Timeout"]
    assert QUEUES[queue]["VisibilityTimeout"] <= 15 * 60, "a worker that died is missed so long"
    assert actions(name, "dynamodb") == {"GetItem", "UpdateItem"}


def test_links_carry_the_public_address_or_else_the_apis_domain_or_its_gateways() -> None:
    address = {
        "Fn::If": [
            "HasPublicUrl",
            {"Ref": "PublicUrl"},
            {
                "Fn::If": [
                    "HasDomain",
                    {"Fn::Sub": "https://${DomainName}"},
                    {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"},
                ]
            },
        ]
    }
    given = {n: variables(n)["PUBLIC_URL"] for n in FUNCTIONS if "PUBLIC_URL" in variables(n)}

    assert given == dict.fromkeys(["HttpApiFunction", *CONNECTORS], address)


def test_both_emulators_give_the_api_the_id_that_its_links_are_made_with() -> None:
    tags = resources("AWS::ApiGatewayV2::Api")["Api"]["Tags"]

    assert tags == {name: {"Fn::Sub": "c4a${Stage}"} for name in ("ms-custom-id", "_custom_id_")}
