"""Small programs that stand for the processes of an installation; each writes what happens to a diary."""

import sys
from pathlib import Path

from runtime.ports import Port
from runtime.supervisor import Service

OBEDIENT = """
import pathlib, signal, sys, time
name, diary = sys.argv[1], pathlib.Path(sys.argv[2])
def note(what):
    with diary.open("a") as file:
        file.write(f"{name} {what}\\n")
def end(*_):
    note("ends")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("starts")
while True:
    time.sleep(0.02)
"""
DEAF = OBEDIENT.replace("signal.signal(signal.SIGTERM, end)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
CRASHING = """
import sys, time
print("the disk is full")
time.sleep(0.3)
sys.exit(3)
"""


def service(name: str, folder: Path, program: str = OBEDIENT, ports: tuple[Port, ...] = ()) -> Service:
    """A service that is ready as soon as its program has written to the diary."""
    diary = folder / "diary"

    async def ready() -> bool:
        return f"{name} starts" in entries(folder)

    return Service(
        name=name,
        command=(sys.executable, "-c", program, name, str(diary)),
        log=folder / f"{name}.log",
        ready=ready,
        ports=ports,
        starts_within=10,
        stops_within=0.5,
    )


def entries(folder: Path) -> list[str]:
    """Everything the programs wrote, in order."""
    diary = folder / "diary"
    return diary.read_text().splitlines() if diary.exists() else []
