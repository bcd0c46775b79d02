"""Finds the lead that an operator names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.house import Refused
from model.records import Identifier, Lead

if TYPE_CHECKING:
    from store import Tx


async def lead_named(tx: Tx, name: str) -> Lead:
    """Finds a lead by our id, an e-mail address, a phone number (+34…) or `SOURCE/ID` of a source's own id.

    Raises Refused.
    """
    identifier = _identifier(name)
    found = await (tx.leads.get(name) if identifier is None else _by(tx, identifier))
    if found is None:
        raise Refused("there is no such lead; name it by id, e-mail, phone (+34…) or SOURCE/ID")
    return found


async def _by(tx: Tx, identifier: Identifier) -> Lead | None:
    return await tx.leads.find_by(identifier.kind, identifier.value, identifier.scope)


def _identifier(name: str) -> Identifier | None:
    from api.fields import email, phone

    try:
        if "@" in name:
            return Identifier("email", email(name))
        if name.startswith("+"):
            return Identifier("phone", phone(name))
    except ValueError as error:
        raise Refused(f"this is {error}") from None
    source, slash, own = name.partition("/")
    return Identifier("external", own, source) if slash else None
