"""Which things a journey is about, and which it reads: the key field that triggers carry says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from language.facts import walk
from language.lexer import tokens
from language.lowering import Lowering
from language.problems import ConditionError
from language.schema import FieldType
from language.syntax.model import JourneyText, TriggerText
from language.terms import Thing
from language.yaml import Scalar
from model.expressions import Expr, Name


def named_in(expr: Expr | None, things: Iterable[str]) -> tuple[str, ...]:
    """Lists the kinds of things that an expression reads, each once."""
    roots = (node.path.partition(".")[0] for node in walk(expr) if isinstance(node, Name)) if expr else ()
    return tuple(dict.fromkeys(root for root in roots if root in set(things)))


def own_kinds(text: JourneyText, things: Mapping[str, Thing]) -> tuple[str, ...]:
    """Lists the kinds of things that the triggers are about, before anything is read."""
    found: dict[str, None] = {}
    for trigger in text.starts:
        found |= dict.fromkeys(_kinds(_subject(trigger), things))
    return tuple(found)


def own_fields(text: JourneyText, things: Mapping[str, Thing]) -> dict[str, FieldType]:
    """Gives what `start.` reads of the thing that a trigger is about: its key."""
    kinds = own_kinds(text, things)
    return {things[kind].key: things[kind].fields[things[kind].key] for kind in kinds if _sound(things[kind])}


def own_key(text: JourneyText, things: Mapping[str, Thing]) -> Name | None:
    """Gives the key of a journey that names none: the thing that its triggers are about."""
    kinds = own_kinds(text, things) if text.key is None else ()
    if len(kinds) != 1 or not _sound(things[kinds[0]]):
        return None
    key = things[kinds[0]].key
    return Name(f"start.{key}", things[kinds[0]].fields[key].type)


def trigger_thing(low: Lowering, text: TriggerText, expr: Expr | None) -> str | None:
    """Gives the kind of thing that a trigger is about; it is one at most, and the same for all triggers."""
    kinds = named_in(expr, low.vocabulary.things)
    own = own_kinds(low.text, low.vocabulary.things)
    if kinds and (len(kinds) > 1 or kinds[0] != own[0]):
        names = " and ".join(f"`{kind}`" for kind in dict.fromkeys((*own, *kinds)))
        message = f"the triggers of a journey are about one kind of thing, and these are about {names}"
        low.error(_subject(text) or text.subject, "J005", message, "make two journeys of it")
    return kinds[0] if kinds else None


def things_read(low: Lowering) -> dict[str, str]:
    """Maps the kinds of things that the journey reads or writes to their key fields; reports those of which
    no trigger says which one is meant.
    """
    things = low.vocabulary.things
    carried = {name for event in low.expressions.starts for name in low.vocabulary.events.get(event, {})}
    carried |= low.expressions.own_start.keys()
    own = own_kinds(low.text, things)
    found = {kind: things[kind].key for kind in own}
    for kind, where in low.expressions.things.items():
        key = things[kind].key
        found[kind] = key
        if (
            kind not in own
            and key not in carried | low.expressions.own_start.keys()
            and not _unknown_start(low)
        ):
            message = f"which `{kind}` is meant is not said: no trigger carries `{key}`"
            advice = f"begin with an event that has `{key}`, or with `becomes:` about the {kind}"
            low.error(where, "J010", message, advice)
    return found


def _unknown_start(low: Lowering) -> bool:
    return any(event not in low.vocabulary.events for event in low.expressions.starts)


def _subject(text: TriggerText) -> Scalar | None:
    match text.on:
        case "becomes" | "date":
            return text.subject
        case "every" | "once":
            return text.condition
        case _:
            return None


def _kinds(text: Scalar | None, things: Mapping[str, Thing]) -> tuple[str, ...]:
    if text is None or not things:
        return ()
    try:
        words = [token.text for token in tokens(text.raw) if token.kind == "word" and "." in token.text]
    except ConditionError:
        return ()
    return tuple(dict.fromkeys(root for word in words if (root := word.partition(".")[0]) in things))


def _sound(thing: Thing) -> bool:
    return thing.key in thing.fields
