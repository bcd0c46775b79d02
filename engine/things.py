"""Things that a lead may have several of: which one an event names, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from language.fitting import mistake
from language.scenario_things import ACCOUNT
from language.terms import Thing
from model.events import Fields

LONGEST_ID = 200


def id_of(value: JsonValue) -> str | None:
    """Gives the id of the thing that a key names; whole numbers are written as such."""
    match value:
        case bool():
            return None
        case str() if 0 < len(value) <= LONGEST_ID:
            return value
        case int():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return None


def named(things: Mapping[str, Thing], fields: Fields) -> dict[str, str]:
    """Maps the kinds of things to the one of each that the fields of an event name by its key."""
    found = {kind: id_of(fields.get(thing.key)) for kind, thing in things.items()}
    return {kind: own for kind, own in found.items() if own is not None}


def said(thing: Thing, fields: Fields) -> Fields:
    """Gives what an event's fields say of a thing: those of the same name and type; null clears."""
    return {
        name: fields[name]
        for name, declared in thing.fields.items()
        if name in fields and (fields[name] is None or mistake(declared, fields[name]) is None)
    }


def written(before: Fields, said_now: Fields) -> Fields:
    """Gives the fields of a thing after something was said of it."""
    return {name: value for name, value in {**before, **said_now}.items() if value is not None}


def paths(kind: str, fields: Fields) -> Fields:
    """Gives the fields of a thing by their full paths."""
    return {f"{kind}.{name}": value for name, value in fields.items()}


def changed(kind: str, before: Fields, after: Fields) -> frozenset[str]:
    """Names the fields of a thing that differ, by their full paths."""
    names = before.keys() | after.keys()
    return frozenset(f"{kind}.{name}" for name in names if before.get(name) != after.get(name))


def first_value(lead: Fields, path: str) -> JsonValue:
    """Gives a field, by path, of a simulated lead or of its first thing of the kind."""
    root, _, name = path.partition(".")
    if root == "lead":
        return lead.get(name)
    return next((fields.get(name) for fields in _listed(lead.get(root))), None)


def attributes(given: Fields) -> Fields:
    """Gives by path what the `lead` of a scenario says of the lead and, under `account`, of its account."""
    account = given.get(ACCOUNT)
    own: Fields = {name: value for name, value in given.items() if value is not None and name != ACCOUNT}
    return paths("lead", own) | (paths(ACCOUNT, account) if isinstance(account, dict) else {})


class OwnThings:
    """The things of a simulated lead, `given` among its attributes: `{policy: {…}}`, or a list of such."""

    def __init__(self, kinds: Mapping[str, Thing], given: Fields) -> None:
        self._kinds = kinds
        self._known: dict[str, dict[str, Fields]] = {kind: {} for kind in kinds}
        self._about: dict[str, str] = {}
        for kind in kinds:
            for fields in _listed(given.get(kind)):
                self._keep(kind, fields)

    def begin(self, fields: Fields) -> Fields:
        """Takes the things that the starting event names as the run's own; gives their fields by path."""
        self._about = named(self._kinds, fields)
        found: Fields = {}
        for kind, own in self._about.items():
            found |= paths(kind, self._known[kind].get(own, {}))
        return found

    def hear(self, fields: Fields) -> Fields:
        """Takes in what an event says of things; gives what it says of the run's own, by path."""
        found: Fields = {}
        for kind, own in named(self._kinds, fields).items():
            if self._about.get(kind) == own:
                found |= paths(kind, said(self._kinds[kind], fields))
            else:
                self._keep(kind, fields)
        return found

    def settable(self, values: Fields) -> Fields:
        """Gives those of the values, by path, that a run may write: of things its own alone."""
        foreign = self._kinds.keys() - self._about.keys()
        return {path: value for path, value in values.items() if path.partition(".")[0] not in foreign}

    def key(self, kind: str) -> JsonValue:
        """Gives the key of the lead's first thing of a kind, or that of one that nobody knows yet."""
        thing = self._kinds[kind]
        known = (fields.get(thing.key) for fields in self._known[kind].values())
        return next(known, 1 if thing.fields[thing.key].type == "number" else "1")

    def _keep(self, kind: str, fields: Fields) -> None:
        own = named({kind: self._kinds[kind]}, fields).get(kind)
        if own is not None:
            before = self._known[kind].get(own, {})
            self._known[kind][own] = written(before, said(self._kinds[kind], fields))


def _listed(given: JsonValue) -> list[Fields]:
    found = given if isinstance(given, list) else [given]
    return [fields for fields in found if isinstance(fields, dict)]
