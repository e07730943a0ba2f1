"""The model conference of the product's description: whom it invites, and with which agenda."""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final

from podium.demo.console import Console, Links
from podium.demo.messages import VenueSpec

_TEMPLATE: Final = "model"


async def invite(console: Console) -> tuple[list[VenueSpec], Links]:
    """Fills the directory, creates the conference, issues the links.

    The venues come in protocol order, the main venue first, numbered from 1.
    """
    model = resources.files("podium.demo").joinpath("model_venues.csv").read_bytes()
    await console.import_directory(model)
    rows = csv.DictReader(model.decode("utf-8-sig").splitlines())
    names = {row["venue_zh"] for row in rows if row["venue_zh"]}
    venues = [venue for venue in await console.venues() if venue["name"]["zh"] in names]
    await console.create(_TEMPLATE, [venue["id"] for venue in venues])
    links = await console.issue_links()
    specs = [
        VenueSpec(
            number=number,
            id=venue["id"],
            zh=venue["name"]["zh"],
            en=venue["name"]["en"],
            token=links.tokens[venue["id"]],
        )
        for number, venue in enumerate(venues, 1)
    ]
    return specs, links
