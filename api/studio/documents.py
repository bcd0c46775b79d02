"""Opens files of the project, and keeps drafts of them: in the store, by the source of the caller's key.

A file on disk is never written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain

from api.keys import allows
from api.ports import House
from api.problems import Problem
from api.studio.aside import aside
from api.studio.shapes import DocumentOut, DraftIn, DraftOut, DropIn, FileOut, ProjectOut, Saved
from language.journey import kind_of
from model.records import ApiKey, PublishedJourney, SavedDraft
from runtime.project import Project, inside, shown


async def everything(house: House, caller: ApiKey) -> ProjectOut:
    """Lists what there is to open: the files on disk, drafts of others, and what is only published."""
    project = await aside(house.desk.project)
    async with house.store.read() as tx:
        drafts, published = await tx.drafts.list(), await tx.journeys.all_latest()
    names = {inside(project.folder, place): name for name, place in project.files.items()}
    homes = {name: file for file, name in names.items()}
    versions = {homes.get(one.name, f"{one.name}.yaml"): one for one in published}
    on_disk = {inside(project.folder, path) for path in project.sources}
    files = dict.fromkeys(
        file
        for file in chain(sorted(on_disk), versions, (one.file for one in drafts))
        if kind_of(file) == "journey"
    )
    return ProjectOut(
        folder=project.folder.as_posix(),
        owner=caller.source,
        may_write=allows(caller, "journeys:write"),
        files=tuple(_file(project, one, names.get(one), versions.get(one), drafts, caller) for one in files),
    )


async def document(house: House, caller: ApiKey, file: str) -> DocumentOut:
    """Reads a file with the caller's draft of it, and the version published last.

    Raises Problem `unknown_file`.
    """
    project = await aside(house.desk.project)
    text = project.sources.get(shown(project.folder, file)) if _is_written(file) else None
    name = next((name for name, at in project.files.items() if at == shown(project.folder, file)), None)
    async with house.store.read() as tx:
        draft = await tx.drafts.get(caller.source, file)
        others = [one for one in await tx.drafts.list() if one.file == file]
        published = await tx.journeys.latest(name or file.removesuffix(".yaml"))
    if text is None and draft is None and (published is None or kind_of(file) != "journey"):
        raise Problem("unknown_file")
    journey = published if kind_of(file) == "journey" else None
    return DocumentOut(
        file=file,
        text=text,
        base=_digest(text),
        draft=DraftOut.model_validate(draft) if draft is not None else None,
        draft_text=draft.text if draft is not None else None,
        draft_base=draft.base if draft is not None else None,
        others=_of_others(others, file, caller),
        published=journey.version if journey is not None else None,
        published_text=journey.source if journey is not None else None,
    )


async def save(house: House, caller: ApiKey, body: DraftIn) -> Saved:
    """Keeps a draft. Raises Problem `draft_conflict` where it was saved meanwhile from elsewhere."""
    if not _is_written(body.file):
        raise Problem("unknown_file", "Only journeys and their scenarios are written here.")
    at = house.clock.now()
    async with house.store.begin() as tx:
        revision = await tx.drafts.save(caller.source, body.file, body.text, body.base, at, body.read)
        found = await tx.drafts.get(caller.source, body.file) if revision is None else None
    if revision is not None:
        return Saved(revision=revision, saved_at=at)
    raise Problem("draft_conflict", revision=found.revision if found is not None else 0)


async def drop(house: House, caller: ApiKey, body: DropIn) -> None:
    """Drops a draft. Raises Problem `draft_conflict`."""
    async with house.store.begin() as tx:
        if not await tx.drafts.drop(caller.source, body.file, body.read):
            raise Problem("draft_conflict")


def _file(
    project: Project,
    file: str,
    name: str | None,
    published: PublishedJourney | None,
    drafts: Iterable[SavedDraft],
    caller: ApiKey,
) -> FileOut:
    journey = project.journeys.get(name) if name is not None else None
    home = shown(project.folder, file)
    own = next((one for one in drafts if one.file == file and one.owner == caller.source), None)
    return FileOut(
        file=file,
        journey=name or (published.name if published is not None else file.removesuffix(".yaml")),
        about=journey.about if journey is not None else "",
        version=journey.version if journey is not None else None,
        published=published.version if published is not None else None,
        mistakes=sum(problem.file == home for problem in project.errors),
        on_disk=home in project.sources,
        draft=DraftOut.model_validate(own) if own is not None else None,
        others=_of_others(drafts, file, caller),
    )


def _of_others(drafts: Iterable[SavedDraft], file: str, caller: ApiKey) -> tuple[DraftOut, ...]:
    return tuple(
        DraftOut.model_validate(one) for one in drafts if one.file == file and one.owner != caller.source
    )


def _is_written(file: str) -> bool:
    return kind_of(file) in ("journey", "scenarios")


def _digest(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()
