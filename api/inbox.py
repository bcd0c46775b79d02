"""The door to the inbox: requests that come together are written in one transaction and share its cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from api.accept import EventAnswer, Refused
from api.problems import Fault
from model.records import NewEvent
from store import Store, Tx

CHANNEL: Final = "inbox"
"""The store's channel on which the intake listens, in this process or another."""

MOST: Final = 1000
"""Events of one transaction, unless a single request brings more."""

Checked = Sequence[NewEvent | Refused]


@dataclass(frozen=True, slots=True)
class _Waiting:
    checked: Checked
    answers: asyncio.Future[list[EventAnswer]]


class Inbox:
    """Writes events; each request's are all written or none, and answered after the commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def accept(self) -> AsyncIterator[Tx]:
        """Opens a transaction that writes events among other things; the intake is woken after its commit."""
        async with self._store.begin() as tx:
            yield tx
            tx.notify(CHANNEL)

    async def write(self, checked: Checked) -> list[EventAnswer]:
        """Writes one request's events together with those of others that wait; gives an answer for each."""
        mine = _Waiting(checked, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._writer is None:
            self._writer = asyncio.create_task(self._work())
        return await mine.answers

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._commit(self._group())
        finally:
            self._writer = None

    def _group(self) -> list[_Waiting]:
        size, end = 0, 0
        while end < len(self._waiting) and (size := size + len(self._waiting[end].checked)) <= MOST:
            end += 1
        group, self._waiting = self._waiting[: end or 1], self._waiting[end or 1 :]
        return group

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        """Writes a group; where that fails each request has its own try, so that none fails for another."""
        try:
            async with self.accept() as tx:
                answers = iter(await write_events(tx, [one for each in group for one in each.checked]))
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            await self._failed(group, error)
            return
        for each in group:
            own = [next(answers) for _ in each.checked]
            if not each.answers.done():
                each.answers.set_result(own)

    async def _failed(self, group: Sequence[_Waiting], error: Exception) -> None:
        if len(group) > 1:
            for each in group:
                await self._commit([each])
        elif not group[0].answers.done():
            group[0].answers.set_exception(error)


async def write_events(tx: Tx, checked: Checked) -> list[EventAnswer]:
    """Writes the good ones of checked events and answers for each, in the order given."""
    judged = await _with_known_leads(tx, checked)
    written = iter(await tx.events.insert([one for one in judged if isinstance(one, NewEvent)]))
    return [
        one.answer() if isinstance(one, Refused) else EventAnswer(id=one.event_id, status=next(written))
        for one in judged
    ]


async def _with_known_leads(tx: Tx, checked: Checked) -> list[NewEvent | Refused]:
    """Refuses events that name an id of ours which is nobody's."""
    wanted = {one.lead_id for one in checked if isinstance(one, NewEvent) and one.lead_id is not None}
    known = {lead_id for lead_id in wanted if await tx.leads.get(lead_id) is not None}
    return [
        _unknown_lead(one)
        if isinstance(one, NewEvent) and one.lead_id is not None and one.lead_id not in known
        else one
        for one in checked
    ]


def _unknown_lead(event: NewEvent) -> Refused:
    fault = Fault(pointer="/lead/lead_id", message="no lead has this id")
    return Refused(event.event_id, "unknown_lead", (fault,))
