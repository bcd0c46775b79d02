"""Who is known only as a visitor of the web site: such a lead enters no journey."""

from __future__ import annotations

from model.records import Lead
from store import Tx


async def is_anonymous(tx: Tx, lead: Lead) -> bool:
    """Says whether nothing but browsers names the lead."""
    if lead.email or lead.phone:
        return False
    return all(item.kind == "visitor" for item in await tx.leads.identifiers_of(lead.id))
