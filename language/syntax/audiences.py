"""`add_to_audience` and `remove_from_audience`: steps that fill audiences."""

from __future__ import annotations

from language.syntax import model as m
from language.syntax.parts import Parts
from language.yaml import Scalar


def read_add(_: Parts, audience: Scalar) -> m.AudienceStep:
    """Reads which audience the lead comes into."""
    return m.AudienceStep(audience, add=True)


def read_remove(_: Parts, audience: Scalar) -> m.AudienceStep:
    """Reads which audience the lead leaves."""
    return m.AudienceStep(audience, add=False)
