"""The table on DynamoDB: access patterns and keys are listed in docs/data-model.md."""

from chat4all.adapters.dynamodb.allowances import DynamoAllowanceStore
from chat4all.adapters.dynamodb.audit import DynamoAuditStore
from chat4all.adapters.dynamodb.breakers import DynamoBreakerStore
from chat4all.adapters.dynamodb.clients import DynamoClientStore
from chat4all.adapters.dynamodb.connections import DynamoConnectionStore
from chat4all.adapters.dynamodb.conversations import DynamoConversationStore
from chat4all.adapters.dynamodb.endpoints import DynamoAttemptStore, DynamoEndpointStore
from chat4all.adapters.dynamodb.event_log import DynamoEventLog
from chat4all.adapters.dynamodb.files import DynamoFileStore
from chat4all.adapters.dynamodb.keys import DynamoKeyStore
from chat4all.adapters.dynamodb.messages import DynamoMessageStore
from chat4all.adapters.dynamodb.refresh_tokens import DynamoRefreshStore
from chat4all.adapters.dynamodb.table import Table
from chat4all.adapters.dynamodb.users import DynamoUserStore

__all__ = [
    "DynamoAllowanceStore",
    "DynamoAttemptStore",
    "DynamoAuditStore",
    "DynamoBreakerStore",
    "DynamoClientStore",
    "DynamoConnectionStore",
    "DynamoConversationStore",
    "DynamoEndpointStore",
    "DynamoEventLog",
    "DynamoFileStore",
    "DynamoKeyStore",
    "DynamoMessageStore",
    "DynamoRefreshStore",
    "DynamoUserStore",
    "Table",
]
