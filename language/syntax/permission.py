"""`allow` and `suppress`: what may be sent to the lead from here on."""

from __future__ import annotations

from language.problems import did_you_mean
from language.syntax import model as m
from language.syntax.parts import Parts
from language.yaml import Scalar
from model.channels import MESSAGES

ALLOWED = (*MESSAGES, "calls")
SUPPRESSED = ("marketing", *MESSAGES, "calls", "all")


def read_allow(parts: Parts, what: Scalar) -> m.AllowStep | None:
    """Reads what the lead consents to."""
    if what.raw in ("marketing", "all"):
        advice = "name what it consents to: `allow: email`"
        parts.problem(what.mark, "J005", f"a consent is for one channel, not for `{what.raw}`", advice)
        return None
    return m.AllowStep(what.raw) if _is_one_of(parts, "allow", what, ALLOWED) else None


def read_suppress(parts: Parts, what: Scalar) -> m.SuppressStep | None:
    """Reads what is stopped, and for how long."""
    length = parts.length("for")
    return m.SuppressStep(what.raw, length) if _is_one_of(parts, "suppress", what, SUPPRESSED) else None


def _is_one_of(parts: Parts, verb: str, what: Scalar, known: tuple[str, ...]) -> bool:
    if what.raw not in known:
        instead = "calls" if what.raw == "call" else None
        advice = f"write `{instead}`" if instead else did_you_mean(what.raw, known)
        listed = f"write {' | '.join(known)}"
        parts.problem(what.mark, "J005", f"`{verb}` cannot be `{what.raw}`", advice or listed)
    return what.raw in known
