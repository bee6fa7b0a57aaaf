"""How long the client waits before it asks again."""

import urllib3

from infra.client.access import Access
from infra.client.api import FilesApi


class Patient(FilesApi):
    """Gets these answers, and notes how long it would have waited."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        super().__init__(Access("https://api.example.com", "id", "secret"), waits=(1.0,) * 3)
        self._answers = list(answers)
        self._token = "t"
        self.waited: list[float] = []

    def pause(self, seconds: float) -> None:
        self.waited.append(seconds)

    def _request(self, *_: object) -> urllib3.BaseHTTPResponse:
        status, headers = self._answers.pop(0)
        return urllib3.HTTPResponse(b"{}", headers, status)


def test_a_minute_that_is_used_up_is_waited_for() -> None:
    api = Patient((429, {"Retry-After": "38"}), (429, {"Retry-After": "7200"}), (200, {}))

    api.ok("POST", "/v1/files/initiate", {})

    assert api.waited == [38.0, 60.0]


def test_other_refusals_are_tried_again_soon() -> None:
    api = Patient(
        (503, {"Retry-After": "30"}), (429, {}), (429, {"Retry-After": "soon"}), (200, {})
    )

    api.ok("POST", "/v1/files/initiate", {})

    assert api.waited == [1.0, 1.0, 1.0]
