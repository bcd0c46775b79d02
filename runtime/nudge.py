"""A nudge over loopback: the worker tells the intake, in another process, that it committed something.

A lost nudge costs a second: the intake looks by itself. On PostgreSQL the database carries the word instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"


def port_file(data_dir: Path) -> Path:
    """Names the file that says where the intake listens."""
    return data_dir / "intake.port"


class _Bell(asyncio.DatagramProtocol):
    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Rings; what the datagram says does not matter."""
        del data, addr
        self._ring()


@asynccontextmanager
async def hearing(data_dir: Path, ring: Callable[[], None]) -> AsyncIterator[None]:
    """Calls `ring` for every nudge while the block lasts."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Bell(ring), local_addr=(LOOPBACK, 0))
    file = port_file(data_dir)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(transport.get_extra_info("sockname")[1]))
    try:
        yield
    finally:
        transport.close()
        file.unlink(missing_ok=True)


def nudge(data_dir: Path) -> None:
    """Nudges the intake, if one listens."""
    with contextlib.suppress(OSError, ValueError):
        port = int(port_file(data_dir).read_text())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"!", (LOOPBACK, port))
