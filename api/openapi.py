"""The OpenAPI document: what FastAPI knows, with the problems that each route may answer."""

from __future__ import annotations

from typing import Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import JsonValue

from api.accept import EventIn
from api.problems import MEDIA_TYPE, PROBLEMS, ProblemDocument

ABOUT: Final = """
Everything that happens to a lead is an event in one inbox: it is checked, written, answered 202, and applied
in order. `GET /v1/events/{source}/{id}` tells what became of it.

Every request but `/livez` and `/readyz` carries `Authorization: Bearer cauce_…`; each route names its
scope, and `admin` has them all. Bodies are strict JSON in UTF-8, 1 MiB at most. Errors are
`application/problem+json` (RFC 9457) with a stable `code` and the places of the mistakes, never the values.
"""

TAGS: Final = [
    {"name": "events", "description": "What happened: sent by backends, web and CRM."},
    {"name": "leads", "description": "What is known about people."},
    {"name": "things", "description": "What leads may have several of: policies, cars."},
    {"name": "audiences", "description": "Who is in which group of people."},
    {"name": "journeys", "description": "What is published."},
    {"name": "enrolments", "description": "Who runs where, and an operator's hand on it."},
    {"name": "tasks", "description": "Work for agents and call centers."},
    {"name": "sending", "description": "The stop switch, and the outbox channel."},
    {"name": "scorer", "description": "The scorer's contract."},
    {"name": "clock", "description": "Business time, for demos and tests."},
    {"name": "health", "description": "For orchestrators."},
]

Document = dict[str, JsonValue]


def document(app: FastAPI) -> Document:
    """Writes the document of an application."""
    found = cast(
        "Document",
        get_openapi(title="Cauce", version=app.version, description=ABOUT, tags=TAGS, routes=app.routes),
    )
    schemas = _dict(_dict(found, "components"), "schemas")
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _add(schemas, "EventIn", EventIn.model_json_schema(ref_template="#/components/schemas/{model}"))
    _add(schemas, "Problem", ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}"))
    for path, item in _dict(found, "paths").items():
        for operation in cast("Document", item).values():
            _complete(path, cast("Document", operation))
    return found


def _complete(path: str, operation: Document) -> None:
    """Adds the problems of one operation, and says its scope in words."""
    responses = _dict(operation, "responses")
    responses.pop("422", None)
    secured = operation.get("security")
    if not secured:
        return
    scope = _scope(secured)
    operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`."
    operation["x-scope"] = scope
    with_body = "requestBody" in operation
    statuses = {401, 403, 422, 500, 503} | ({400, 413, 415} if with_body else set())
    statuses |= {404} if "{" in path or "events" in path else set()
    statuses |= {409} if with_body or ":" in path else set()
    for status in sorted(statuses):
        codes = [f"`{code}`" for code, kind in PROBLEMS.items() if kind.status == status]
        responses[str(status)] = {
            "description": f"Problem: {', '.join(codes)}",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _scope(security: JsonValue) -> str:
    schemes = cast("list[dict[str, list[str]]]", security)
    return next(scope for one in schemes for scopes in one.values() for scope in scopes)


def _add(schemas: Document, name: str, schema: dict[str, object]) -> None:
    whole = cast("Document", schema)
    parts = whole.pop("$defs", {})
    schemas.update(cast("Document", parts))
    schemas[name] = whole


def _dict(holder: Document, name: str) -> Document:
    return cast("Document", holder.setdefault(name, {}))
