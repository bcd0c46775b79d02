"""The index of leads by their values: of the account, and of every attribute by which a journey looks
somebody up.

A path that a newly published journey names is filled once for all leads, before it is asked for the first
time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from engine.turns import account_of
from intake.catalog import Catalog
from intake.knowledge import attributes_of
from model.records import Lead
from store import Tx
from store.listeners import ACCOUNT

PAGE = 500
"""Leads that are read at once while a path is filled."""


class LeadIndex:
    """Keeps the values of leads by which others look them up."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def find(self, tx: Tx, path: str, values: Sequence[JsonValue]) -> tuple[str, ...]:
        """Lists the ids of the leads whose attribute is, or holds, one of the values."""
        if not values:
            return ()
        await self.keep(tx, path)
        return await tx.lead_values.find(path, values)

    async def another_of_account(self, tx: Tx, lead: Lead) -> str | None:
        """Gives the id of another lead of the same account, if there is one."""
        account = account_of(lead.account)
        if account is None:
            return None
        await self.keep(tx, ACCOUNT)
        return await tx.lead_values.find_another(ACCOUNT, account, lead.id)

    async def write(self, tx: Tx, lead: Lead, before: Lead | None) -> None:
        """Keeps a lead's values as they are now; `before` is how it was (None: it is new)."""
        paths = {*await self._catalog.looked_up(tx), ACCOUNT}
        now = values_of(lead, paths)
        if before is None or set(values_of(before, paths)) != set(now):
            await tx.lead_values.write(lead.id, now)

    async def keep(self, tx: Tx, path: str) -> None:
        """Sees to it that the values of a path are kept of all leads."""
        if path not in await tx.lead_values.paths():
            await _fill(tx, path)
            await tx.lead_values.complete(path)


def values_of(lead: Lead, paths: set[str]) -> list[tuple[str, JsonValue]]:
    """Lists a lead's values under some paths, each element of a list for itself."""
    known = attributes_of(lead, {})
    found = [(path, value) for path in sorted(paths - {ACCOUNT}) for value in elements(known.get(path))]
    account = account_of(lead.account)
    return [*found, (ACCOUNT, account)] if account is not None else found


def elements(value: JsonValue) -> Iterator[JsonValue]:
    """Gives what a value holds: nothing, itself, or each element of a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str | int | float | bool) and one != "":
            yield one


async def _fill(tx: Tx, path: str) -> None:
    last = ""
    while ids := await tx.lead_values.ids_after(last, PAGE):
        leads = [lead for lead_id in ids if (lead := await tx.leads.get(lead_id)) is not None]
        rows = [(lead.id, name, value) for lead in leads for name, value in values_of(lead, {path})]
        await tx.lead_values.add([row for row in rows if row[1] == path])
        last = ids[-1]
