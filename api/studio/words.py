"""The words that the editor offers: the schema of journeys, and the names that the vocabulary declares."""

from __future__ import annotations

from pydantic import JsonValue

from api.fields import Answer
from language.functions import HISTORY, PLAIN
from language.json_schema import journey_schema
from language.schema import Fields
from runtime.editing import Desk
from runtime.project import Project


class Field(Answer):
    """A field that may be read."""

    type: str
    values: tuple[str, ...]
    pii: bool


class WordsOut(Answer):
    """What may be named: fields by owner, events with their fields, queues with their outcomes, functions
    with an example; `first_email` is a template for new journeys.
    """

    json_schema: dict[str, JsonValue]
    owners: dict[str, dict[str, Field]]
    events: dict[str, dict[str, Field]]
    queues: dict[str, tuple[str, ...]]
    functions: dict[str, str]
    first_email: str | None


def words(desk: Desk) -> WordsOut:
    """Gives the words of the project on disk."""
    project = desk.project()
    vocabulary = project.vocabulary
    return WordsOut(
        json_schema=journey_schema(vocabulary, project.templates),
        owners=_owners(project),
        events={name: _fields(fields) for name, fields in vocabulary.events.items()},
        queues={name: tuple(queue.outcomes) for name, queue in vocabulary.queues.items()},
        functions={**{name: one.example for name, one in PLAIN.items()}, **HISTORY},
        first_email=_first_email(project),
    )


def _first_email(project: Project) -> str | None:
    """Names an e-mail that a new journey may begin with: it reads nothing that a step would have to give."""
    emails = project.templates.names("email")
    roots = {
        name: {one.partition(".")[0] for one in project.templates.variables("email", name)} for name in emails
    }
    plain = [name for name in emails if roots[name] <= {"lead", "account", "now"}]
    return "welcome" if "welcome" in plain else next(iter(plain), None)


def _owners(project: Project) -> dict[str, dict[str, Field]]:
    vocabulary = project.vocabulary
    things = {name: _fields(thing.fields) for name, thing in vocabulary.things.items()}
    return {"lead": _fields(vocabulary.lead), "account": _fields(vocabulary.account), **things}


def _fields(fields: Fields) -> dict[str, Field]:
    return {
        name: Field(type=one.type, values=tuple(map(str, one.values)), pii=one.pii)
        for name, one in fields.items()
    }
