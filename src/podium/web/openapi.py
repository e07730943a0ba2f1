"""The schema: OpenAPI 3.1, with the WebSocket's messages and the commands among its components."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from podium.conference.codec import COMMAND, RECORDED
from podium.web.permissions import RULES, Who
from podium.web.shapes import ErrorBody
from podium.web.shapes_live import ClientMessage, ServerMessage
from podium.work.codec import COMMAND as WORK_COMMAND

_REF: Final = "#/components/schemas/{model}"

_ERROR: Final = {
    "description": "Any error: whose fault it is and what to do",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
}

SECURITY_SCHEMES: Final = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": "podium_session"},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def add_openapi(app: FastAPI) -> None:
    def schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app)
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]  # FastAPI's documented way


def build(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description="See docs/protocol.md for what these mean.",
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = schema.setdefault("components", {})
    known = components.setdefault("schemas", {})
    for name, part in _live_components().items():
        known.setdefault(name, part)
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
    components["securitySchemes"] = SECURITY_SCHEMES
    _say_who(schema)
    return schema


def _live_components() -> dict[str, Any]:
    adapters: dict[str, TypeAdapter[Any]] = {
        "Command": COMMAND,
        "Recorded": RECORDED,
        "WorkCommand": WORK_COMMAND,
        "ClientMessage": TypeAdapter(ClientMessage),
        "ServerMessage": TypeAdapter(ServerMessage),
        "ErrorBody": TypeAdapter(ErrorBody),
    }
    roots, parts = TypeAdapter.json_schemas(
        [(name, "serialization", adapter) for name, adapter in adapters.items()],
        ref_template=_REF,
    )
    components: dict[str, Any] = dict(parts.get("$defs", {}))
    for (name, _), root in roots.items():
        components.setdefault(name, root)
    return components


def _say_who(schema: dict[str, Any]) -> None:
    """Each operation's credentials, from the same rules that the gate enforces."""
    for (method, path), rule in RULES.items():
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        operation["security"] = [] if rule.public else _requirements(rule.who, rule.in_person)
        operation["x-podium-who"] = sorted(rule.who)
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _ERROR


def _requirements(who: frozenset[Who], in_person: bool) -> list[dict[str, list[str]]]:
    cookie: list[dict[str, list[str]]] = [{"cookie": [], "csrf": []}]
    bearer: list[dict[str, list[str]]] = [{"bearer": []}]
    if in_person:
        return cookie
    return bearer if who <= {Who.STATION, Who.WALL} else cookie + bearer
