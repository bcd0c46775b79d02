"""Drafts: by owner and file, no saving over what was not read."""

from __future__ import annotations

from store import Store
from tests.store.making import NOON


async def test_a_draft_is_saved_over_the_revision_that_was_read_alone(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.drafts.save("ana", "a.yaml", "one", "base", NOON, 0) == 1
        assert await tx.drafts.save("ana", "a.yaml", "two", "base", NOON, 0) is None
        assert await tx.drafts.save("ana", "a.yaml", "two", "other", NOON, 1) == 2
        assert await tx.drafts.save("ana", "a.yaml", "three", "base", NOON, 1) is None
        assert await tx.drafts.save("luis", "a.yaml", "his", "", NOON, 0) == 1
        assert await tx.drafts.save("luis", "b.yaml", "his", "", NOON, 4) is None
    async with store.read() as tx:
        found = await tx.drafts.get("ana", "a.yaml")
        listed = await tx.drafts.list()
    assert found is not None
    assert (found.text, found.base, found.revision, found.saved_at) == ("two", "other", 2, NOON)
    assert [(one.owner, one.file, one.revision) for one in listed] == [
        ("ana", "a.yaml", 2),
        ("luis", "a.yaml", 1),
    ]


async def test_a_draft_is_dropped_only_as_it_was_read(store: Store) -> None:
    async with store.begin() as tx:
        await tx.drafts.save("ana", "a.yaml", "one", "", NOON, 0)
        assert not await tx.drafts.drop("ana", "a.yaml", 2)
        assert not await tx.drafts.drop("luis", "a.yaml", 1)
        assert await tx.drafts.drop("ana", "a.yaml", 1)
        assert await tx.drafts.get("ana", "a.yaml") is None
