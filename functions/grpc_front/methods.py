"""Every method, beside the route of REST that is the same: who may call it is that route's rule.

`by` is who asks, `of` what REST has in the path and the query, `new` what it has in the body.
"""

from __future__ import annotations

from chat4all.access.rules import caller
from chat4all.api import conversations, files, messages, users
from chat4all.api.requests import Completion, ReadUpTo
from chat4all.file import NewFile
from chat4all.user import UserProfile
from grpc_front import requests as asked
from grpc_front.calls import (
    Method,
    asks,
    does,
    open_conversation,
    paged,
    send,
    send_batch,
    streams,
    sync,
)
from grpc_front.managing import MANAGING

PACKAGE = "chat4all.v1"
_TALKING: dict[str, Method] = {
    "Messages/Send": does("POST /v1/messages", send),
    "Messages/SendBatch": does("POST /v1/messages/batch", send_batch),
    "Messages/Get": asks(
        "GET /v1/messages/{message_id}",
        lambda by, of, _: {"message": messages.get(by, of.message_id)},
        asked.OfMessage,
    ),
    "Messages/List": asks(
        "GET /v1/conversations/{conversation_id}/messages",
        lambda by, of, _: paged("messages", messages.page(by, **dict(of))),
        asked.MessagesPage,
    ),
    # Each of its actions has its own rule: streams/access.py.
    "Messages/Stream": streams(caller()),
    "Conversations/Create": does("POST /v1/conversations", open_conversation),
    "Conversations/Get": asks(
        "GET /v1/conversations/{conversation_id}",
        lambda by, of, _: {"conversation": conversations.get(by, of.conversation_id)},
        asked.OfConversation,
    ),
    "Conversations/List": asks(
        "GET /v1/conversations",
        lambda by, of, _: paged("conversations", conversations.page(by, **dict(of))),
        asked.ConversationsPage,
    ),
    "Conversations/AddMember": asks(
        "POST /v1/conversations/{conversation_id}/members",
        lambda by, of, _: {"conversation": conversations.add_member(by, **dict(of))},
        asked.OfMember,
    ),
    "Conversations/RemoveMember": asks(
        "DELETE /v1/conversations/{conversation_id}/members/{user_id}",
        lambda by, of, _: conversations.remove_member(by, **dict(of)),
        asked.OfMember,
    ),
    "Conversations/MarkRead": asks(
        "POST /v1/conversations/{conversation_id}/read",
        lambda by, of, new: {"member": conversations.read(by, **dict(of), **dict(new))},
        asked.OfConversation,
        ReadUpTo,
    ),
    "Conversations/Sync": asks("GET /v1/sync", lambda by, of, _: sync(by, of), asked.Sync),
    "Users/Put": asks(
        "PUT /v1/users/{user_id}",
        lambda by, of, new: {"user": users.put(by, of.user_id, new)},
        asked.OfUser,
        UserProfile,
    ),
    "Users/Get": asks(
        "GET /v1/users/{user_id}",
        lambda by, of, _: {"user": users.get(by, of.user_id)},
        asked.OfUser,
    ),
    "Users/Erase": asks(
        "DELETE /v1/users/{user_id}",
        lambda by, of, _: users.erase(by, of.user_id),
        asked.OfUser,
    ),
    "Users/GetPresence": asks(
        "GET /v1/users/{user_id}/presence",
        lambda by, of, _: users.presence(by, of.user_id),
        asked.OfUser,
    ),
    "Files/Initiate": asks(
        "POST /v1/files/initiate", lambda by, _, new: files.initiate(by, new), body=NewFile
    ),
    "Files/ListPartUrls": asks(
        "GET /v1/files/{file_id}/parts",
        lambda by, of, _: paged("parts", files.part_urls(by, **dict(of))),
        asked.Parts,
    ),
    "Files/Get": asks(
        "GET /v1/files/{file_id}",
        lambda by, of, _: {"file": files.get(by, of.file_id)},
        asked.OfFile,
    ),
    "Files/Complete": asks(
        "POST /v1/files/{file_id}/complete",
        lambda by, of, new: {"file": files.complete(by, of.file_id, new.checksum)},
        asked.OfFile,
        Completion,
    ),
    "Files/Delete": asks(
        "DELETE /v1/files/{file_id}",
        lambda by, of, _: files.delete(by, of.file_id),
        asked.OfFile,
    ),
    "Files/GetContentUrl": asks(
        "GET /v1/files/{file_id}/content",
        lambda by, of, _: {"url": files.content_url(by, **dict(of))},
        asked.Content,
    ),
}
METHODS = {f"{PACKAGE}.{name}": method for name, method in (_TALKING | MANAGING).items()}
"""By their full names, as `chat4all.v1.Messages/Send`."""
REST_ALONE = {
    "POST /v1/files/complete": "Files/Complete is the same",
    "GET /v1/files/s3/params": "Uppy's",
    "POST /v1/files/s3/multipart": "Uppy's",
    "GET /v1/files/s3/multipart/{upload_id}": "Uppy's",
    "DELETE /v1/files/s3/multipart/{upload_id}": "Uppy's",
    "GET /v1/files/s3/multipart/{upload_id}/batch": "Uppy's",
    "GET /v1/files/s3/multipart/{upload_id}/{part_number}": "Uppy's",
    "POST /v1/files/s3/multipart/{upload_id}/complete": "Uppy's",
    "GET /f/{token}": "a link in a text leads there",
    "GET /healthz": "grpc.health.v1.Health is the same",
    "GET /openapi.json": "the .proto files are the same",
    "GET /docs": "a page",
}
"""Routes that no method stands beside, and why."""
