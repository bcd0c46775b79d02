"""The Makefile takes the newest Python that works, not the newest name on PATH."""

import os
import subprocess
import sys
from pathlib import Path

FINDER = Path(__file__).parent.parent / ".ci" / "find-python"


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _find(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": str(folder), "PYTHON": ""}
    return subprocess.run(["/bin/sh", FINDER], env=environment, capture_output=True, text=True, check=False)


def test_a_shim_that_fails_is_passed_over(tmp_path: Path) -> None:
    _program(tmp_path, "python3.14", "echo 'pyenv: command not found' >&2; exit 127")
    _program(tmp_path, "python3.12", f'exec "{sys.executable}" "$@"')
    found = _find(tmp_path)
    assert found.returncode == 0
    assert Path(found.stdout.strip()).samefile(sys.executable)


def test_too_old_a_python_is_no_python(tmp_path: Path) -> None:
    _program(tmp_path, "python3", "exit 1")
    found = _find(tmp_path)
    assert found.returncode == 1
    assert "No working Python 3.11 or newer" in found.stderr


def test_a_missing_venv_is_named_to_who_is_not_root(tmp_path: Path) -> None:
    without_venv = f'case "$2" in *venv*) exit 1;; esac; exec "{sys.executable}" "$@"'
    _program(tmp_path, "python3", without_venv)
    _program(tmp_path, "id", "echo 1000")
    found = _find(tmp_path)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert found.returncode == 1
    assert f"sudo apt-get install python{version}-venv" in found.stderr


def test_root_gets_it_installed(tmp_path: Path) -> None:
    without_venv = (
        f'[ -e "{tmp_path}/installed" ] || case "$2" in *venv*) exit 1;; esac; exec "{sys.executable}" "$@"'
    )
    _program(tmp_path, "python3", without_venv)
    _program(tmp_path, "id", "echo 0")
    _program(tmp_path, "apt-get", f'[ "$1" = update ] || : > "{tmp_path}/installed"')
    found = _find(tmp_path)
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()).samefile(sys.executable)
