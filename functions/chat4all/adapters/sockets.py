"""The WebSocket API's management side: posts to clients, and ends their connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from chat4all.adapters.aws import available, error_code
from chat4all.errors import ConnectionGone, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},  # a hung socket within a push's time
    max_pool_connections=32,  # as many posts as are made side by side, and some to spare
    tcp_keepalive=True,
    parameter_validation=False,
)


class ApiGatewaySockets:
    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    @classmethod
    def at(cls, url: str) -> ApiGatewaySockets:
        """`url` is the stage's address: `https://{api}.execute-api.{region}.amazonaws.com/{stage}`,
        or an emulator's. One per process: it keeps its connections."""
        return cls(boto3.client("apigatewaymanagementapi", endpoint_url=url, config=_CONFIG))

    def post(self, connection_id: str, data: bytes) -> None:
        try:
            with available("sockets"):
                self._client.post_to_connection(ConnectionId=connection_id, Data=data)
        except Unavailable as error:
            if _gone(error):
                raise ConnectionGone(connection_id) from error
            raise

    def close(self, connection_id: str) -> None:
        try:
            with available("sockets"):
                self._client.delete_connection(ConnectionId=connection_id)
        except Unavailable as error:
            if not _gone(error):
                raise


def _gone(error: Unavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, ClientError) and error_code(cause) in ("GoneException", "410")
