"""However a demo ends, it leaves no program and no folder behind, and its exit code tells how."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.up import ROOT

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform != "linux", reason="finds the demo's programs in /proc"),
]

PROGRAM = """
import asyncio, sys
from rich.console import Console
from runtime.demo.show import demo
sys.exit(asyncio.run(demo(Console(width=120))))
"""
UNDER_WAY = "The dealer calls the next day"


@contextmanager
def _demo(folder: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def _read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if text in line:
            return
    pytest.fail(f"the demo ended before {text!r}:\n{''.join(said)}")


def _programs_of(folder: Path) -> dict[int, str]:
    """Finds the processes whose temporary folder is ours, with their command lines."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}\0".encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def _assert_nothing_is_left(folder: Path) -> None:
    late = time.monotonic() + 5
    while _programs_of(folder) and time.monotonic() < late:
        time.sleep(0.1)
    assert _programs_of(folder) == {}
    assert list(folder.iterdir()) == []


def test_interrupted_it_ends_everything(tmp_path: Path) -> None:
    with _demo(tmp_path) as process:
        _read_until(process, UNDER_WAY)
        assert len(_programs_of(tmp_path)) == 4
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=40)[0]
    assert process.returncode == 130, rest
    assert "interrupted" in rest
    _assert_nothing_is_left(tmp_path)


def test_when_a_program_of_it_dies_it_says_which_and_ends_everything(tmp_path: Path) -> None:
    with _demo(tmp_path) as process:
        _read_until(process, UNDER_WAY)
        (worker,) = [pid for pid, command in _programs_of(tmp_path).items() if "worker.py" in command]
        os.kill(worker, signal.SIGKILL)
        rest = process.communicate(timeout=40)[0]
    assert process.returncode == 1, rest
    assert "worker ended with exit code -9" in rest
    _assert_nothing_is_left(tmp_path)
