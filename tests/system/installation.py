"""An installation of its own: a folder, free ports, and `cauce up` started and stopped as an operator
does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from runtime.ports import any_free

START, STOP = 60.0, 30.0
"""Seconds that starting and stopping may take before the test fails."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it lives."""

    folder: Path
    port: int
    temporal_port: int

    @property
    def url(self) -> str:
        """The API's address."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator[subprocess.Popen[str]]:
        """Starts everything, and stops it by Ctrl-C at the end of the block."""
        environment = os.environ | {
            "CAUCE_DATA_DIR": str(self.folder),
            "CAUCE_PORT": str(self.port),
            "CAUCE_TEMPORAL_PORT": str(self.temporal_port),
            "CAUCE_TEMPORAL_UI_PORT": str(any_free()),
            "CAUCE_JOURNEYS_DIR": str(Path("journey_defs").resolve()),
        }
        with (self.folder / "out.txt").open("a") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up"], env=environment, stdout=out, stderr=out, text=True
            )
        try:
            self._wait(lambda: self._ready(process), START)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP)

    def client(self) -> httpx.Client:
        """A client with the key that the first start printed."""
        key = re.search(r"cauce_[\w-]+", self.output())
        assert key is not None, self.output()
        headers = {"Authorization": f"Bearer {key[0]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)

    def output(self) -> str:
        """What `cauce up` printed so far."""
        return (self.folder / "out.txt").read_text()

    def _ready(self, process: subprocess.Popen[str]) -> bool:
        assert process.poll() is None, self.output()
        return self.output().count("Ctrl-C stops it") > self._stops()

    def _stops(self) -> int:
        return self.output().count("stopped Temporal")

    def _wait(self, true: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, self.output()
            time.sleep(0.1)


def eventually(answer: Callable[[], object]) -> None:
    """Asks again and again until the answer is true, for twenty seconds."""
    until = time.monotonic() + 20
    while not answer():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)


def new(folder: Path) -> Installation:
    """Makes an installation in an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return Installation(folder, any_free(), any_free())
