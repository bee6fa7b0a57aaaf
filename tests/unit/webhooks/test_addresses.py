"""No URL of a subscriber leads into a network of ours, in whatever form it is written."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat4all.errors import Invalid
from chat4all.webhooks.addresses import destination, is_allowed

PUBLIC = "93.184.215.14"
SPECIAL_4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
SPECIAL_6 = ["::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32"]
SPECIAL_6 += ["2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"]
specials_4 = st.sampled_from(SPECIAL_4).flatmap(lambda n: st.ip_addresses(v=4, network=n))
specials_6 = st.sampled_from(SPECIAL_6).flatmap(lambda n: st.ip_addresses(v=6, network=n))


def refused(url: str, *addresses: str, local: bool = False) -> str:
    """The reason."""
    with pytest.raises(Invalid) as caught:
        destination(url, lambda host, port: list(addresses), local=local)
    assert caught.value.code == "bad_webhook_url"
    return str(caught.value.extra["reason"])


def test_a_url_is_read_once_into_where_to_connect_and_what_to_say() -> None:
    to = destination("https://Hooks.Example:8443/a?b=c", lambda h, p: [PUBLIC], local=False)

    assert (to.scheme, to.host, to.port, to.target) == ("https", "hooks.example", 8443, "/a?b=c")
    assert (to.addresses, to.host_header) == ((PUBLIC,), "hooks.example:8443")


def test_a_url_without_port_and_path_has_the_usual_ones() -> None:
    to = destination("https://a.example", lambda h, p: [PUBLIC], local=False)

    assert (to.port, to.target, to.host_header) == (443, "/", "a.example")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", "scheme"),
        ("ftp://a.example/", "scheme"),
        ("//a.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("https://user@a.example/", "userinfo"),
        ("https://user:secret@a.example/", "userinfo"),
        ("https://a.example@169.254.169.254/", "userinfo"),
        ("https://a.example:22/", "port"),
        ("https://a.example:0/", "port"),
        ("https://a.example:99999/", "url"),
        ("https://a.example:x/", "url"),
        ("https://a.example/#part", "url"),
        ("https://a.example/ü", "url"),
        ("https://a.example\\@b.example/", "url"),
        ("https://a.example/\r\nx: y", "url"),
        ("https:///path", "host"),
        ("https://a..example/", "host"),
        ("https://a.example./", "host"),
        ("https://a%2eexample/", "host"),
        ("https://[a.example]/", "url"),
        ("https://[::1", "url"),
    ],
)
def test_a_url_that_is_not_plain_is_refused_and_says_why(url: str, reason: str) -> None:
    assert refused(url, PUBLIC) == reason


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "017700000001",
        "0x7f.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "0",
        "00000000",
        "127.0.0.1.",
        "a.0x1",
        "a.1",
    ],
)
def test_an_address_in_an_unusual_form_is_no_host(host: str) -> None:
    assert refused(f"https://{host}/", PUBLIC) == "host"


def test_a_name_without_an_address_is_refused() -> None:
    assert refused("https://a.example/") == "dns"


@given(specials_4 | specials_6)
def test_no_special_address_is_allowed_as_text_or_behind_a_name(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    literal = f"[{ip}]" if ip.version == 6 else str(ip)

    assert not is_allowed(str(ip), local=False)
    assert refused(f"https://{literal}/") == "address_not_allowed"
    assert refused("https://a.example/", PUBLIC, str(ip)) == "address_not_allowed"


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_never_allowed(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    mapped, compatible = (0xFFFF << 32) | number, number
    nat64, six_to_four = (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80)
    teredo = (0x20010000 << 96) | (number ^ 0xFFFFFFFF)

    for inside in (mapped, compatible, nat64, six_to_four, teredo):
        assert not is_allowed(str(ipaddress.IPv6Address(inside)), local=False)


@given(st.ip_addresses())
def test_what_python_knows_to_be_private_is_refused(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_allowed(str(ip), local=False):
        assert ip.is_global and not (ip.is_multicast or ip.is_loopback or ip.is_reserved)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::6810:84e5", "2a00:1450::1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, local=False)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "2606:4700::1%1", "", "a.example", "1.2.3"])
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert not is_allowed(address, local=False)


@pytest.mark.parametrize("url", ["http://localhost:9000/", "http://127.0.0.1:9000/x"])
def test_the_local_stage_takes_http_and_loopback_besides(url: str) -> None:
    to = destination(url, lambda h, p: ["::1", "127.0.0.1"], local=True)

    assert to.addresses[0] == "127.0.0.1"
    assert to.port == 9000


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "192.168.0.1", "fd00::1", "0.0.0.0", "::"]
)
def test_the_local_stage_takes_no_other_private_address(address: str) -> None:
    assert refused("http://a.example/", "127.0.0.1", address, local=True) == "address_not_allowed"


def test_of_many_addresses_a_few_are_tried_ipv4_first() -> None:
    many = ["2606:4700::1", *(f"93.184.215.{n}" for n in range(1, 9))]

    to = destination("https://a.example/", lambda h, p: many, local=False)

    assert to.addresses == tuple(f"93.184.215.{n}" for n in range(1, 5))


def test_one_bad_address_behind_those_that_are_tried_refuses_the_host() -> None:
    many = [*(f"93.184.215.{n}" for n in range(1, 9)), "10.0.0.1"]

    assert refused("https://a.example/", *many) == "address_not_allowed"
