"""Nothing of a deployment on AWS is reached without TLS 1.2."""

import pytest

from tests.unit.test_template import RESOURCES, TEMPLATE, resources

pytestmark = pytest.mark.req("RNF-009")
DOMAINS = resources("AWS::ApiGatewayV2::DomainName")
MAPPINGS = resources("AWS::ApiGatewayV2::ApiMapping")
OUTPUTS = TEMPLATE["Outputs"]
LISTENERS = (
    "AWS::ElasticLoadBalancing",
    "AWS::CloudFront::",
    "AWS::ApiGateway::",
    "AWS::Lambda::Url",
    "AWS::EC2::",
    "AWS::ECS::",
)
"""What would open another door than the two gateways."""


def test_a_domain_of_ones_own_asks_for_tls_1_2() -> None:
    for domain in DOMAINS.values():
        [configuration] = domain["DomainNameConfigurations"]
        assert configuration["SecurityPolicy"] == "TLS_1_2"
        assert configuration["CertificateArn"] == {"Ref": "CertificateArn"}


def test_each_gateway_may_have_a_domain_and_has_none_unless_it_is_named() -> None:
    conditions = {m["ApiId"]["Ref"]: RESOURCES[n]["Condition"] for n, m in MAPPINGS.items()}

    assert conditions == {"Api": "HasDomain", "Sockets": "HasSocketsDomain"}
    assert {RESOURCES[name]["Condition"] for name in DOMAINS} == set(conditions.values())
    for name in ("DomainName", "SocketsDomainName", "CertificateArn"):
        assert TEMPLATE["Parameters"][name]["Default"] == ""
    assert "ADomainHasACertificate" in TEMPLATE["Rules"]


def test_an_api_with_a_domain_of_its_own_has_no_other_name() -> None:
    apis = resources("AWS::ApiGatewayV2::Api")

    assert apis["Api"]["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasDomain", True, False]}
    assert "DisableExecuteApiEndpoint" not in apis["Sockets"], "functions push by that name"


def test_there_is_no_listener_but_the_two_gateways_which_speak_tls_only() -> None:
    kinds = {resource["Type"] for resource in RESOURCES.values()}

    assert not [kind for kind in kinds if kind.startswith(LISTENERS)]
    assert {api["ProtocolType"] for api in resources("AWS::ApiGatewayV2::Api").values()} == {
        "HTTP",  # API Gateway's word for https
        "WEBSOCKET",
    }


def test_no_function_takes_requests_by_a_url_of_its_own() -> None:
    functions = resources("AWS::Serverless::Function").values()

    assert not [f for f in functions if "FunctionUrlConfig" in f or "Events" in f]


def test_the_bucket_refuses_plain_http_and_what_is_older_than_tls_1_2() -> None:
    statements = RESOURCES["FilesBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    refused = [s["Condition"] for s in statements if s["Effect"] == "Deny"]

    assert refused == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
    for statement in statements:
        assert (statement["Principal"], statement["Action"]) == ("*", "s3:*")
        assert statement["Resource"] == [
            {"Fn::GetAtt": ["FilesBucket", "Arn"]},
            {"Fn::Sub": "${FilesBucket.Arn}/*"},
        ]


@pytest.mark.parametrize(("name", "scheme"), [("ApiUrl", "https://"), ("SocketsUrl", "wss://")])
def test_the_addresses_that_are_given_out_are_of_tls(name: str, scheme: str) -> None:
    [_, own, gateways] = OUTPUTS[name]["Value"]["Fn::If"]

    assert own["Fn::Sub"].startswith(scheme)
    assert gateways["Fn::Sub"].startswith(scheme)
