"""URLs that subscribers give: whatever they are, we go to public addresses or nowhere."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat4all.errors import Invalid
from chat4all.webhooks.addresses import destination, is_allowed
from tests.support.mutations import torn

pytestmark = pytest.mark.req("RNF-009")
bounded = settings(max_examples=400, deadline=None, derandomize=True)
WHOLE = [
    b"https://hooks.example.com/chat4all?key=1",
    b"https://hooks.example.com:8443/a/b",
    b"https://93.184.216.34/x",
    b"https://[2606:2800:220:1:248:1893:25c8:1946]/x",
    b"https://user:secret@hooks.example.com/",
    b"http://127.0.0.1:8080/x",
    b"https://[::ffff:169.254.169.254]/latest",
    b"https://0x7f.1/",
    b"https://2130706433/",
]
ADDRESSES = ["93.184.216.34", "10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "no address"]
urls = (
    torn(WHOLE).map(lambda raw: raw.decode("utf-8", "replace"))
    | st.text(st.characters(), max_size=60).map("https://{}".format)
    | st.text('htps:/@[]0123456789abcdefx.%#?"\\ \x00é', max_size=60)
)


@bounded
@given(urls, st.lists(st.sampled_from(ADDRESSES), max_size=3), st.booleans())
def test_a_url_leads_to_allowed_addresses_or_is_refused(
    url: str, found: Sequence[str], local: bool
) -> None:
    try:
        where = destination(url, lambda host, port: found, local=local)
    except Invalid as error:
        assert error.code == "bad_webhook_url"
        return
    assert where.addresses
    assert all(is_allowed(address, local=local) for address in where.addresses)
    assert where.host.isascii() and where.host.isprintable()
    assert 0 < where.port < 65_536
    assert where.target.startswith("/") and " " not in where.target
    assert "\r" not in where.target and "\n" not in where.target
