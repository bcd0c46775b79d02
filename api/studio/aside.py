"""Carries out what takes the processor for some time beside the event loop, so that other requests go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

_POOL: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="studio")
"""Two at once: who types waits for nobody's simulation, and events are still accepted."""


async def aside(work: Callable[[], T]) -> T:
    """Gives what the work gives; raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_POOL, work)
