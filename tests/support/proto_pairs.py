"""Which message of proto/ says what a model of REST says, and where the two differ on purpose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from chat4all import conversation, file, message, receipts, user
from chat4all.access import client
from chat4all.api import requests
from chat4all.api.views import (
    audit,
    clients,
    conversations,
    events,
    files,
    messages,
    sync,
    tokens,
    users,
    webhooks,
)
from chat4all.events import data
from chat4all.webhooks import endpoint

SENDER = {"from": "sender"}
"""`from` is a word of too many languages that code is generated for."""
CLEAR = ("clear",)
"""Where JSON has null for what is taken away, protobuf cannot tell it from what is left out."""


class Pair(NamedTuple):
    model: type[BaseModel]
    message: str
    renamed: Mapping[str, str] = {}
    """REST's name → the other one."""
    rest: Collection[str] = ()
    """What REST alone has: what a code, a header or the URL says there, or the call here."""
    grpc: Collection[str] = ()
    """What gRPC alone has: a path, a header or a status over HTTP."""


def page(model: type[BaseModel], message: str, items: str) -> Pair:
    """proto/ calls what a page has by its name."""
    return Pair(model, message, {"items": items})


_CONVERSATION = ("last_seq", "last_activity_at", "watermarks", "unread_count", "last_message")
REQUESTS = (
    Pair(message.NewMessage, "NewMessage", SENDER),
    Pair(message.TextPayload, "TextPayload", rest=["type"]),
    Pair(message.TemplatePayload, "TemplatePayload", rest=["type"]),
    Pair(requests.Batch, "MessagesSendBatchRequest"),
    Pair(conversation.NewConversation, "ConversationsCreateRequest", grpc=["idempotency_key"]),
    Pair(requests.NewMember, "ConversationsAddMemberRequest", grpc=["conversation_id"]),
    Pair(requests.ReadUpTo, "ConversationsMarkReadRequest", grpc=["conversation_id"]),
    Pair(user.UserProfile, "UsersPutRequest", grpc=["user_id"]),
    Pair(user.Identity, "Identity"),
    Pair(file.NewFile, "FilesInitiateRequest"),
    Pair(requests.CompletionOf, "FilesCompleteRequest"),
    Pair(requests.ClientCredentials, "ClientCredentials", {"scope": "scopes"}, rest=["grant_type"]),
    Pair(
        requests.Refresh,
        "AuthIssueTokenRequest",
        rest=["grant_type", "client_id"],
        grpc=["client_credentials"],
    ),
    Pair(requests.Revocation, "AuthRevokeTokenRequest", rest=["token_type_hint", "client_id"]),
    Pair(requests.UserTokenRequest, "AuthIssueUserTokenRequest", grpc=["user_id"]),
    Pair(client.NewClient, "ClientsCreateRequest"),
    Pair(client.ClientPatch, "ClientsUpdateRequest", grpc=["client_id", *CLEAR]),
    Pair(requests.RotationIn, "ClientsRotateSecretRequest", grpc=["client_id"]),
    Pair(endpoint.NewEndpoint, "WebhooksCreateRequest"),
    Pair(endpoint.EndpointPatch, "WebhooksUpdateRequest", grpc=["webhook_id", *CLEAR]),
    Pair(requests.ReplayIn, "WebhooksReplayRequest", grpc=["webhook_id"]),
)
ANSWERS = (
    Pair(messages.AcceptedOut, "MessagesSendResponse", rest=["status"], grpc=["replayed"]),
    Pair(messages.DeliveryOut, "Delivery"),
    Pair(receipts.Failure, "Failure"),
    Pair(messages.RecipientOut, "Recipient"),
    Pair(messages.MessageOut, "Message", SENDER, grpc=["deliveries"]),
    Pair(messages.MessageDetail, "Message", SENDER),
    page(messages.MessagePage, "MessagesListResponse", "messages"),
    Pair(messages.BatchOutcome, "BatchOutcome", rest=["status"]),
    page(messages.BatchOut, "MessagesSendBatchResponse", "outcomes"),
    Pair(message.FileContent, "FilePayload", rest=["type"]),
    Pair(message.UnsupportedPayload, "UnsupportedPayload", rest=["type"]),
    Pair(message.ErasedPayload, "ErasedPayload", rest=["type"]),
    Pair(conversations.MemberOut, "Member"),
    Pair(conversations.ConversationOut, "Conversation", grpc=_CONVERSATION),
    Pair(conversations.ConversationDetail, "Conversation", grpc=_CONVERSATION[-2:]),
    Pair(conversations.ConversationEntry, "Conversation", grpc=["watermarks"]),
    Pair(conversations.LastMessage, "LastMessage", SENDER),
    page(conversations.ConversationPage, "ConversationsListResponse", "conversations"),
    Pair(sync.StatusOut, "SyncedStatus"),
    Pair(
        sync.SyncConversation,
        "SyncedConversation",
        rest=[*conversations.ConversationOut.model_fields, *_CONVERSATION],
        grpc=["conversation"],
    ),
    Pair(sync.SyncOut, "ConversationsSyncResponse"),
    Pair(users.UserOut, "User"),
    Pair(users.PresenceOut, "UsersGetPresenceResponse"),
    Pair(users.WhenOut, "ErasedFact"),
    Pair(users.FactOut, "RemainingFact"),
    Pair(users.ErasureOut, "UsersEraseResponse"),
    Pair(tokens.TokenOut, "Token", {"scope": "scopes"}, rest=["token_type"]),
    Pair(files.PartUrlOut, "PartUrl"),
    page(files.PartUrls, "FilesListPartUrlsResponse", "parts"),
    Pair(files.FileOut, "File"),
    Pair(files.UploadOut, "FilesInitiateResponse"),
    Pair(clients.ClientOut, "Client"),
    page(clients.ClientPage, "ClientsListResponse", "clients"),
    Pair(
        clients.ClientWithSecret,
        "ClientsCreateResponse",
        rest=clients.ClientOut.model_fields,
        grpc=["client"],
    ),
    Pair(
        clients.ClientWithSecret,
        "ClientsRotateSecretResponse",
        rest=clients.ClientOut.model_fields,
        grpc=["client"],
    ),
    Pair(webhooks.WebhookOut, "Webhook"),
    page(webhooks.WebhookPage, "WebhooksListResponse", "webhooks"),
    Pair(
        webhooks.WebhookWithSecret,
        "WebhooksCreateResponse",
        rest=webhooks.WebhookOut.model_fields,
        grpc=["webhook"],
    ),
    Pair(
        webhooks.WebhookWithSecret,
        "WebhooksRotateSecretResponse",
        rest=webhooks.WebhookOut.model_fields,
        grpc=["webhook"],
    ),
    Pair(webhooks.AttemptOut, "Attempt"),
    page(webhooks.AttemptPage, "WebhooksListAttemptsResponse", "attempts"),
    Pair(webhooks.TestOut, "WebhooksTestResponse"),
    Pair(webhooks.ReplayOut, "WebhooksReplayResponse"),
    page(events.EventPage, "EventsListResponse", "events"),
    Pair(data.EventFailure, "EventFailure"),
    Pair(audit.AuditRecordOut, "AuditRecord"),
    page(audit.AuditPage, "AuditListResponse", "records"),
)
PAIRS = (*REQUESTS, *ANSWERS)
NOT_PAIRED = {
    "Problem": "google.rpc.Status with an ErrorInfo",
    "Completion": "CompletionOf, which has the file's id",
    "FilePayload": "FileContent, which has more",
}
"""Models without a message of their own → what stands for them."""
WRAPPED = {
    "AuthIssueTokenResponse": "token",
    "AuthIssueUserTokenResponse": "token",
    "ClientsGetResponse": "client",
    "ClientsUpdateResponse": "client",
    "ConversationsAddMemberResponse": "conversation",
    "ConversationsGetResponse": "conversation",
    "ConversationsMarkReadResponse": "member",
    "FilesCompleteResponse": "file",
    "FilesGetResponse": "file",
    "MessagesGetResponse": "message",
    "MessagesSendRequest": "message",
    "UsersGetResponse": "user",
    "UsersPutResponse": "user",
    "WebhooksGetResponse": "webhook",
    "WebhooksUpdateResponse": "webhook",
}
"""Messages that hold one other, so that more can be said beside it one day → its name."""
OF_GRPC_ALONE = {
    "Payload": "a oneof, where REST has `type`",
    "Event": "a oneof of what REST calls `data`, by `type`",
    "PublicKey": "a key of RFC 7517",
    "AuthGetKeysResponse": "the same",
    "ConversationsCreateResponse": "`created` is 201 or 200 over HTTP",
    "FilesGetContentUrlResponse": "REST redirects",
    "EventsSubscribeResponse": "streams",
}
"""And all of which the name begins with `Stream` or `MessagesStream`."""
ENUMS: dict[str, Any] = {
    "MessageStatus": receipts.Status,
    "ConversationType": conversation.ConversationType,
    "FileStatus": file.FileStatus,
    "ErasureReason": message.Erasure,
    "WebhookDelivery": ("webhook", "sns"),
    "WebhookStatus": ("PENDING", "ACTIVE", "PAUSED", "DISABLED"),
    "PresenceStatus": ("online", "offline"),
}
