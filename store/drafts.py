"""Drafts: files of journeys as somebody is writing them, before they are published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Integer, Table, delete, select, update

from model.records import Draft, SavedDraft
from store.base import Repository, Shape, columns_of, given, metadata, text_column, time_column

drafts = Table(
    "drafts",
    metadata,
    Column("owner", text_column("owner").type, primary_key=True),
    Column("file", text_column("file").type, primary_key=True),
    Column("revision", Integer, nullable=False),
    text_column("text", null=False),
    text_column("base", null=False),
    time_column("saved_at"),
)

_d = drafts.c
_mine = (_d.owner == given("owner"), _d.file == given("file"))
_DRAFT = Shape(Draft)
_SAVED = Shape(SavedDraft)
_ONE = select(drafts).where(*_mine)
_ALL = select(_d.owner, _d.file, _d.revision, _d.base, _d.saved_at).order_by(_d.file, _d.owner)
_REPLACE = update(drafts).where(*_mine, _d.revision == given("revision"))
_DROP = delete(drafts).where(*_mine, _d.revision == given("revision"))


class Drafts(Repository):
    """Drafts by owner (the source of a key) and file. `revision` counts a draft's savings from 1: whoever
    saves or drops says which one was read, so that two never write over each other unseen.
    """

    async def get(self, owner: str, file: str) -> Draft | None:
        """Reads a draft."""
        return await self._one(_DRAFT, _ONE, given_owner=owner, given_file=file)

    async def list(self) -> tuple[SavedDraft, ...]:
        """Lists everybody's drafts without their texts, by file."""
        return await self._all(_SAVED, _ALL)

    async def save(self, owner: str, file: str, text: str, base: str, at: datetime, read: int) -> int | None:
        """Saves a draft over revision `read`, 0 for a new one; gives the new revision, None on a conflict."""
        if read == 0:
            draft = Draft(owner=owner, file=file, revision=1, text=text, base=base, saved_at=at)
            return 1 if await self._add_new(drafts, [columns_of(draft)], drafts.c.file) else None
        values = {"revision": read + 1, "text": text, "base": base, "saved_at": at}
        mine = {"given_owner": owner, "given_file": file, "given_revision": read}
        return read + 1 if (await self._run(_REPLACE, **mine, **values)).rowcount else None

    async def drop(self, owner: str, file: str, read: int) -> bool:
        """Drops revision `read` of a draft; False where it is another by now."""
        found = await self._run(_DROP, given_owner=owner, given_file=file, given_revision=read)
        return found.rowcount > 0
