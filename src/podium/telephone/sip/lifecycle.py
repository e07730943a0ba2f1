"""The state machines of telephony, drawn from their tables.

``python -m podium.telephone.sip.lifecycle > docs/telephone.md`` writes the drawings.
"""

from __future__ import annotations

from podium.telephone.sip.call_tables import INCOMING, OUTGOING
from podium.telephone.sip.negotiation import OFFER
from podium.telephone.sip.registration_table import REGISTRATION
from podium.telephone.sip.transaction_tables import TABLES

HEADING = """\
# Telephone: state machines

Drawn from the tables in `src/podium/telephone/sip` by
`python -m podium.telephone.sip.lifecycle > docs/telephone.md`; do not edit.
"""


def document() -> str:
    """The whole of ``docs/telephone.md``."""
    calls = (INCOMING.section(), OUTGOING.section(), OFFER.section(), REGISTRATION.section())
    transactions = (table.machine().section() for table in TABLES)
    return "\n".join((HEADING, *calls, *transactions))


if __name__ == "__main__":
    print(document(), end="")
