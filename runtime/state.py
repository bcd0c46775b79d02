"""Files by which the processes of one installation find each other, in `data_dir/run`."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another `cauce up` uses the same data folder."""


def ready_file(data_dir: Path, process: str) -> Path:
    """Names the file that exists while a process is ready, with its id inside."""
    return data_dir / "run" / f"{process}.ready"


@contextmanager
def marked_ready(data_dir: Path, process: str) -> Iterator[None]:
    """Shows others that the process is ready, until the block is left."""
    path = ready_file(data_dir, process)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{os.getpid()}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Keeps the data folder to one `cauce up`; raises AlreadyRunning. The system frees it at a crash."""
    path = data_dir / "run" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                f"{data_dir} is in use by a running cauce; stop it, or set CAUCE_DATA_DIR to another folder"
            )
            raise AlreadyRunning(message) from None
        yield


def is_in_use(data_dir: Path) -> bool:
    """Tells whether a `cauce up` runs on the data folder."""
    if not (data_dir / "run").exists():
        return False
    try:
        with sole_use(data_dir):
            return False
    except AlreadyRunning:
        return True
