"""The tracking API as OpenAPI: it is answered elsewhere, and documented with the rest."""

from typing import Any

_ACCEPTED: dict[str, Any] = {
    "description": "Stored durably 已安全寫入",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"success": {"type": "boolean", "const": True}}}
        }
    },
}
_WHAT = {
    "track": "Something was done 事件",
    "identify": "Who somebody is 身分",
    "page": "A page was seen 網頁瀏覽",
    "screen": "A screen was seen 畫面瀏覽",
    "group": "Somebody belongs to a group 群組",
    "alias": "Two ids are one person 別名",
}
_CALL = """At most 32 KB. An event that cannot be understood is answered 200 all the same and becomes a bad
row, with its reason, searchable and replayable: received = counted + duplicates + bad. One event counts once
for ever, by its `messageId`; without one, by what it says if it has a `timestamp`; with neither, a retry may
count twice."""


def _operation(summary: str, description: str, schema: str) -> dict[str, Any]:
    return {
        "tags": ["tracking"],
        "summary": summary,
        "description": description,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "responses": {"200": _ACCEPTED},
    }


TRACKING_PATHS: dict[str, dict[str, Any]] = {
    f"/v1/{call}": _operation(summary, _CALL, "TrackedEvent") for call, summary in _WHAT.items()
}
TRACKING_PATHS["/v1/batch"] = _operation(
    "Many events 批次", "At most 500 KB, gzip or not; each event has its `type`.", "TrackedBatch"
)

TRACKING_SCHEMAS: dict[str, Any] = {
    "TrackedEvent": {
        "type": "object",
        "description": "Unknown members are kept. userId or anonymousId must be given.",
        "properties": {
            "type": {"type": "string", "enum": list(_WHAT), "description": "Only in a batch"},
            "messageId": {"type": "string", "maxLength": 100},
            "anonymousId": {"type": "string"},
            "userId": {"type": "string"},
            "previousId": {"type": "string", "description": "Only for alias"},
            "event": {"type": "string", "description": "Only for track"},
            "name": {"type": "string", "description": "Only for page and screen"},
            "timestamp": {"type": "string", "format": "date-time"},
            "sentAt": {"type": "string", "format": "date-time"},
            "properties": {"type": "object"},
            "traits": {"type": "object"},
            "context": {"type": "object"},
        },
    },
    "TrackedBatch": {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "items": {"$ref": "#/components/schemas/TrackedEvent"}},
            "sentAt": {"type": "string", "format": "date-time"},
        },
    },
}
