"""Joining and leaving: the conversation's members and a member's own item, all or nothing."""

from __future__ import annotations

from typing import Any

from chat4all.adapters.dynamodb.items import Item, member_item
from chat4all.adapters.dynamodb.table import key, to_wire
from chat4all.conversation import MAX_MEMBERS, Member, activity_hour

Actions = list[dict[str, Any]]


def joining(table: str, member: Member) -> Actions:
    pk, user_id = f"CONV#{member.conversation_id}", member.user_id
    return [
        {
            "Update": {
                "TableName": table,
                "Key": key(pk, "META"),
                "UpdateExpression": "ADD members :them",
                "ConditionExpression": "#type = :group AND size(members) < :limit "
                "AND NOT contains(members, :user)",
                "ExpressionAttributeNames": {"#type": "type"},
                "ExpressionAttributeValues": to_wire(
                    {
                        ":them": {user_id},
                        ":user": user_id,
                        ":group": "group",
                        ":limit": MAX_MEMBERS,
                    }
                ),
            }
        },
        {
            "Put": {
                "TableName": table,
                "Item": to_wire(member_item(member, activity_hour(member.joined_at))),
            }
        },
    ]


def leaving(table: str, conversation_id: str, user_id: str, at: int) -> Actions:
    pk = f"CONV#{conversation_id}"
    return [
        {
            "Update": {
                "TableName": table,
                "Key": key(pk, "META"),
                "UpdateExpression": "DELETE members :them",
                "ConditionExpression": "contains(members, :user)",
                "ExpressionAttributeValues": to_wire({":them": {user_id}, ":user": user_id}),
            }
        },
        {"Delete": {"TableName": table, "Key": key(pk, f"MEMBER#{user_id}")}},
        {"Put": {"TableName": table, "Item": to_wire(left_item(conversation_id, user_id, at))}},
    ]


def left_item(conversation_id: str, user_id: str, at: int) -> Item:
    """That somebody was in it: asked for by nobody but who erases them."""
    return {
        "pk": f"CONV#{conversation_id}",
        "sk": f"LEFT#{user_id}",
        "gsi1pk": f"LEFT#{user_id}",
        "gsi1sk": f"{at:013d}",
        "left_at": at,
    }
