"""Requests made from the OpenAPI document: every operation, with path, query and body of the right shape."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# (name of the field, its schema) to a text.
Fill = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the document; tracking calls, which have no operationId, are none."""

    name: str
    method: str
    path: str
    told: Mapping[str, Any]
    document: Mapping[str, Any] = field(repr=False)

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    def url(self, fill: Fill) -> str:
        """With something in every place of the path, and every required query parameter."""
        path, query = self.path, []
        for parameter in self.told.get("parameters", ()):
            if parameter["in"] == "path":
                value = str(self._value(parameter["name"], parameter["schema"], fill))
                path = path.replace("{" + parameter["name"] + "}", value)
            elif parameter["in"] == "query" and parameter.get("required"):
                query.append(
                    f"{parameter['name']}={self._value(parameter['name'], parameter['schema'], fill)}"
                )
        return f"{path}?{'&'.join(query)}" if query else path

    def body(self, fill: Fill) -> Any:
        """JSON that fits the schema of the request; None without a JSON body."""
        content = self.told.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        return self._value("body", content["application/json"]["schema"], fill)

    def _value(self, name: str, schema: Mapping[str, Any], fill: Fill) -> Any:
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                real = [each for each in schema[choice] if each.get("type") != "null"]
                return self._value(name, real[0], fill)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        return self._plain(name, schema, fill)

    def _plain(self, name: str, schema: Mapping[str, Any], fill: Fill) -> Any:
        match schema.get("type"):
            case "object":
                properties: Mapping[str, Any] = schema.get("properties", {})
                if not properties:
                    return {name: fill(name, schema)}
                return {each: self._value(each, inner, fill) for each, inner in properties.items()}
            case "array":
                return [self._value(name, schema.get("items", {}), fill)]
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return True
            case _:
                return fill(name, schema)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if "operationId" in told:
                yield Operation(told["operationId"], method.upper(), path, told, document)


def nothing_of_ours(name: str, schema: Mapping[str, Any]) -> str:
    """Ids and texts of the right shape that belong to nothing."""
    if schema.get("format") == "uuid" or name.endswith("_id"):
        return str(uuid.uuid4())
    if "email" in name:
        return "nobody@shop.example"
    return "1-1" if name == "row_id" else "a" * max(1, schema.get("minLength", 0))
