"""Prints the schema without a server: ``python -m podium.web.schema > docs/openapi.json``.

The pages' types are generated from it.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from podium.web.app import create_app
from podium.web.services import Ports
from podium.web.settings import WebSettings


class _Absent:
    """Stands for every port: the schema asks nothing of them."""

    def __getattr__(self, name: str) -> _Absent:
        return self

    def __call__(self, *_: object, **__: object) -> _Absent:
        return self


def schema(version: str) -> dict[str, Any]:
    absent = cast("Any", _Absent())
    ports = Ports(**dict.fromkeys(Ports.__dataclass_fields__, absent))
    return create_app(ports, WebSettings(version)).openapi()


def main() -> None:
    json.dump(schema("0"), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
