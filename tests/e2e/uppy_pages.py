"""Pages that upload with Uppy's AwsS3 plug-in as it is published: the bundles in `vendor`.

Up to 5.x the plug-in has the options `endpoint` and `headers`: nothing else is needed. 6.0 calls
the same paths by `companionEndpoint`, but has no option for headers: there the page adds the token
to what it sends to the API.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.client import Api
from tests.e2e.browser import Page, opened

VENDOR = Path(__file__).parent / "vendor"

SETUP = """<script src=/uppy.js></script><script>
const {api, token, options, addsToken} = %s
if (addsToken) {
  const plain = window.fetch
  window.fetch = (url, init = {}) => `${url}`.startsWith(api)
    ? plain(url, {...init, headers: {...init.headers, authorization: `Bearer ${token}`}})
    : plain(url, init)
}
const uppy = new Uppy.Uppy().use(Uppy.AwsS3, options)
const add = async () => uppy.addFile({
  name: 'twelve.bin',
  type: 'application/octet-stream',
  data: await (await fetch('/content')).blob(), // its type is octet-stream, as it was served
})
const upload = async () => {
  const {successful, failed} = await uppy.upload()
  return {
    keys: successful.map(file => file.response.body.key),
    urls: successful.map(file => file.uploadURL),
    errors: failed.map(file => file.error),
    requests: performance.getEntriesByType('resource').map(entry => entry.name),
  }
}
const fileId = file => uppy.getFile(file.id).s3Multipart.uploadId
</script>"""

UPLOAD = "<script>add().then(upload).then(done => tell('done', done))</script>"
PAUSE = """<script>
uppy.once('s3-multipart:part-uploaded', async file => {
  uppy.pauseResume(file.id)
  await tell('paused', fileId(file))
  uppy.pauseResume(file.id)
})
add().then(upload).then(done => tell('done', done))
</script>"""
CANCEL = """<script>
uppy.once('s3-multipart:part-uploaded', file => {
  const id = fileId(file)
  uppy.cancelAll()
  tell('cancelled', id)
})
add().then(() => uppy.upload())
</script>"""


@dataclass(frozen=True)
class Release:
    """One published bundle, and how a page configures the plug-in in it."""

    version: str
    sha256: str
    endpoint_option: str
    has_headers: bool

    @property
    def bundle(self) -> bytes:
        return (VENDOR / f"uppy-{self.version}" / "uppy.min.js").read_bytes()

    def configured(self, api: Api, **options: Any) -> str:
        """The beginning of a page. `limit` 1: one request after the other."""
        options = {self.endpoint_option: f"{api.addresses.api_url}/v1/files", "limit": 1, **options}
        if self.has_headers:
            options["headers"] = {"authorization": f"Bearer {api.token}"}
        setup = {
            "api": api.addresses.api_url,
            "token": api.token,
            "options": options,
            "addsToken": not self.has_headers,
        }
        return SETUP % json.dumps(setup)


UPPY_5 = Release(
    "5.2.4",
    "efcde62cb5911f9ac5d38cb9ec8a5da47b3964219336eab805ec22306109d0fd",
    endpoint_option="endpoint",
    has_headers=True,
)
UPPY_6 = Release(
    "6.0.1",
    "339675b9565c8973f1a2d2fe9d8be0a63adb320cdddcdde685935bc773226501",
    endpoint_option="companionEndpoint",
    has_headers=False,
)
RELEASES = [UPPY_5, UPPY_6]


def opened_with(
    uppy: Release, user: Api, script: str, content: bytes, **options: Any
) -> AbstractContextManager[Page]:
    """A browser with a page that has this plug-in, with these options of its own, and this file."""
    html = uppy.configured(user, **options) + script
    return opened(html, {"/uppy.js": uppy.bundle, "/content": content})
