"""The schema is complete, and the copy that the pages' types are made from is the current one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from podium.web.permissions import RULES
from podium.web.schema import schema

COPY = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_copy_is_current() -> None:
    kept = json.loads(COPY.read_text())
    assert kept == schema("0"), "run: python -m podium.web.schema > docs/openapi.json"


def test_every_reference_leads_somewhere() -> None:
    found = schema("0")
    names = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(found))
    assert set(names) <= set(found["components"]["schemas"])
    for name in ("Command", "ClientMessage", "ServerMessage", "ConsoleView", "ErrorBody"):
        assert name in found["components"]["schemas"]
    assert found["openapi"].startswith("3.1")


def test_every_operation_says_who_may_use_it() -> None:
    for path, operations in schema("0")["paths"].items():
        for method, operation in operations.items():
            rule = RULES[method.upper(), path]
            assert operation["x-podium-who"] == sorted(rule.who)
            assert bool(operation["security"]) is not rule.public
