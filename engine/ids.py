"""Names that a run gives to what it does: the same run, step and visit always give the same."""

from __future__ import annotations

import hashlib
from uuid import UUID

NAMESPACE = UUID("6f1d0f0e-5c0b-5a5e-9d7c-2f8a4b1c3d90").bytes
_VARIANT = "89ab" * 4


def effect_id(enrolment: str, step: str, visit: int) -> str:
    """Gives the id of what a step does at its `visit`-th pass (from 1): a send, a score, a report."""
    return _uuid5(f"{enrolment}/{step}/{visit}")


def task_id(enrolment: str, step: str, visit: int, attempt: int, turn: int) -> str:
    """Gives the id of one task: `turn` counts callbacks and other numbers within the work, from 0."""
    return _uuid5(f"{enrolment}/{step}/{visit}/{attempt}/{turn}")


def _uuid5(name: str) -> str:
    """Writes the UUIDv5 of a name (RFC 9562), spelled out for speed: every step of every run asks for one."""
    digits = hashlib.sha1(NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANT[int(digits[16], 16)]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def share_of(*parts: str) -> float:
    """Gives a number in [0, 100) that depends on the texts alone, evenly spread."""
    digest = hashlib.sha256("/".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
