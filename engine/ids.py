"""Names that a run gives to what it does: the same run, step and visit always give the same."""

from __future__ import annotations

import hashlib
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d0f0e-5c0b-5a5e-9d7c-2f8a4b1c3d90")


def effect_id(enrolment: str, step: str, visit: int) -> str:
    """Gives the id of what a step does at its `visit`-th pass (from 1): a send, a score, a report."""
    return str(uuid5(NAMESPACE, f"{enrolment}/{step}/{visit}"))


def task_id(enrolment: str, step: str, visit: int, attempt: int, turn: int) -> str:
    """Gives the id of one task: `turn` counts callbacks and other numbers within the work, from 0."""
    return str(uuid5(NAMESPACE, f"{enrolment}/{step}/{visit}/{attempt}/{turn}"))


def share_of(*parts: str) -> float:
    """Gives a number in [0, 100) that depends on the texts alone, evenly spread."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
