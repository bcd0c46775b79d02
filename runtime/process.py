"""One child process: its own session, its own log, an end within a bound, never an orphan."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

LOG_KEPT = 10 * 1024 * 1024

# Run by the child before its program: Linux then ends the child when the parent dies, however hard.
# A program of its own instead of preexec_fn, which is unsafe once Temporal's threads run.
_TETHER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Child:
    """A process started and ended by this one; its output goes to a log file."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.command = tuple(command)
        self.log = log
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts the process; raises OSError when the program is missing."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _set_aside(self.log)
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *_tethered(self.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id, also that of its group."""
        return self._started().pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def wait(self) -> int:
        """Waits for the end; returns the exit code, negative for a signal."""
        return await self._started().wait()

    async def stop(self, within: float) -> None:
        """Ends the process and its children: SIGTERM, and SIGKILL after `within` seconds."""
        if self._process is None:
            return
        if self.running:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wait(), within)
        self._signal(signal.SIGKILL)
        await self.wait()

    def last_lines(self, count: int = 15) -> list[str]:
        """Reads the end of the log."""
        if not self.log.exists():
            return []
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return [line.rstrip("\n") for line in deque(lines, count)]

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.command[0]} was not started")
        return self._process


def _tethered(command: Sequence[str]) -> list[str]:
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", "-c", _TETHER, str(os.getpid()), *command]


def _set_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT:
        log.replace(log.with_suffix(".old.log"))
