"""End-to-end tests need the whole product: the engine, the pages and the browsers."""

from __future__ import annotations

import importlib.util

import pytest

from podium.web.settings import PAGES


@pytest.fixture(scope="session")
def built() -> None:
    """Skips where the product has not been built; ``make test`` builds it first."""
    if importlib.util.find_spec("podium.media._engine") is None:
        pytest.skip("the engine is not built: scripts/engine.sh dev")
    if not (PAGES / "index.html").exists():
        pytest.skip("the pages are not built: scripts/pages.sh")
