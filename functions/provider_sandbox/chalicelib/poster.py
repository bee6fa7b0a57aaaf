"""Signed requests to the callback URL, over connections that stay open."""

import hashlib
import hmac
import secrets
from urllib.parse import urlencode

import urllib3

from .settings import ChannelSettings

_TIMEOUT = urllib3.Timeout(connect=2.0, read=10.0)
_pool = urllib3.PoolManager(num_pools=8, maxsize=8, retries=False, timeout=_TIMEOUT)


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 for these very bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post_callback(settings: ChannelSettings, body: bytes) -> bool:
    """Whether the receiver took it: only a 200 counts, as with Meta."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": sign(settings.app_secret, body),
    }
    try:
        answer = _pool.request(
            "POST", settings.callback_url, body=body, headers=headers, redirect=False
        )
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status == 200


def shake_hands(settings: ChannelSettings) -> tuple[bool, str]:
    """Ask the callback URL to prove itself: whether the challenge came back, and what did."""
    challenge = str(secrets.randbelow(10**10))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": settings.verify_token,
    }
    joint = "&" if "?" in settings.callback_url else "?"
    url = settings.callback_url + joint + urlencode(query)
    try:
        answer = _pool.request("GET", url, redirect=False)
    except urllib3.exceptions.HTTPError as problem:
        return False, f"no answer: {problem}"
    if answer.status != 200:
        return False, f"answered {answer.status} instead of 200"
    if answer.data.decode("utf-8", "replace").strip() != challenge:
        return False, "answered 200, but not with the challenge"
    return True, "the challenge came back"
