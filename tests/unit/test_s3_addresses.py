"""Where the URLs that clients get lead to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from chat4all.adapters import aws
from chat4all.adapters.s3 import S3ObjectStore

pytestmark = pytest.mark.req("RF-003")


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The region of a function, with credentials as Lambda gives them."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    aws.client.cache_clear()
    request.addfinalizer(aws.client.cache_clear)
    return str(request.param)


@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1", "eu-south-1"], indirect=True)
def test_on_aws_they_name_the_buckets_own_regional_host(region: str) -> None:
    store = S3ObjectStore(aws.client("s3"), "bucket")

    put = urlsplit(store.part_url("files/1", "upload", 3, 5_000_000, 60))
    get = urlsplit(
        store.url("files/1", filename="a", content_type="text/plain", inline=False, seconds=60)
    )

    assert put.netloc == get.netloc == f"bucket.s3.{region}.amazonaws.com"
    signed = parse_qs(put.query)
    assert signed["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert (signed["partNumber"], signed["uploadId"]) == (["3"], ["upload"])
    assert not [name for name in signed if "checksum" in name]


@pytest.mark.parametrize("region", ["us-east-1"], indirect=True)
def test_on_an_emulator_they_name_its_only_host(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    aws.client.cache_clear()

    url = urlsplit(S3ObjectStore(aws.client("s3"), "bucket").part_url("files/1", "u", 1, 1, 60))

    assert (url.netloc, url.path) == ("localhost:4566", "/bucket/files/1")


@pytest.mark.parametrize("region", ["us-east-1"], indirect=True)
def test_an_emulator_may_have_another_address_for_people(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    aws.client.cache_clear()
    outside = aws.files_client_outside("https://localhost:4443")
    store = S3ObjectStore(aws.client("s3"), "bucket", outside)
    shown = {"filename": "a", "content_type": "text/plain", "inline": False, "seconds": 60}

    urls = [urlsplit(store.part_url("f", "u", 1, 1, 60)), urlsplit(store.url("f", **shown))]

    assert {(u.scheme, u.netloc) for u in urls} == {("https", "localhost:4443")}
    assert aws.files_client_outside("") is aws.client("s3")
