"""What is known of an account is known of all its leads: a change of one is told to the others.

Each of them gets an event `account.changed` of its own, which is applied like any other: it changes the
facts, wakes the runs that watch them, and fires `becomes`.
"""

from __future__ import annotations

from engine.turns import account_of
from intake.lead_values import LeadIndex
from model.events import Fields
from model.records import InboxEvent, Lead, NewEvent
from store import Tx, digest
from store.listeners import ACCOUNT

CHANGED = "account.changed"


class Accounts:
    """Keeps the leads of an account alike."""

    def __init__(self, index: LeadIndex) -> None:
        self._index = index

    async def share(self, tx: Tx, before: Lead, lead: Lead, event: InboxEvent) -> Lead:
        """Gives a lead that joins an account what is known of it, and tells the others what is new."""
        account = account_of(lead.account)
        if event.type == CHANGED or account is None or lead.account == before.account:
            return lead
        other_id = await self._index.another_of_account(tx, lead)
        other = await tx.leads.get(other_id) if other_id is not None else None
        if other is None:
            return lead
        joined = account_of(before.account) != account
        said = _said(event) if joined else _difference(before.account, lead.account)
        if joined:
            known = {**other.account, **lead.account}
            lead = await tx.leads.update(lead.id, {"account": known}, event.at)
        news = {name: value for name, value in said.items() if other.account.get(name) != value}
        if news:
            await self._tell(tx, account, lead, event, news)
        return lead

    async def _tell(self, tx: Tx, account: str, lead: Lead, event: InboxEvent, news: Fields) -> None:
        ids = [one for one in await self._index.find(tx, ACCOUNT, [account]) if one != lead.id]
        body: Fields = {"account": news}
        told = [
            NewEvent(
                source="cauce",
                event_id=f"account/{event.id}/{lead_id}",
                type=CHANGED,
                at=event.at,
                body_hash=digest(body),
                body=body,
                lead_id=lead_id,
            )
            for lead_id in ids
        ]
        await tx.events.insert(told)
        tx.notify("inbox")


def _said(event: InboxEvent) -> Fields:
    account = event.body.get("account")
    return account if isinstance(account, dict) else {}


def _difference(before: Fields, after: Fields) -> Fields:
    """Lists what changed; null is what is not known any more."""
    names = before.keys() | after.keys()
    return {name: after.get(name) for name in sorted(names) if before.get(name) != after.get(name)}
