"""A command line for each test; `migrated` has its tables already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.commands.line import HELLO, SCENARIOS, VOCABULARY, CommandLine


@pytest.fixture
def cauce(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line over a sound project; no database yet."""
    for name in os.environ:
        if name.startswith(("CAUCE_", "TEMPORAL_")):
            monkeypatch.delenv(name)
    line = CommandLine(tmp_path)
    monkeypatch.setenv("CAUCE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CAUCE_JOURNEYS_DIR", str(line.journeys))
    line.write("vocabulary.yaml", VOCABULARY)
    line.write("hello.yaml", HELLO)
    line.write("hello.test.yaml", SCENARIOS)
    line.write("templates/email/hello.txt", "---\nsubject: Hello\npurpose: marketing\n---\nHello.\n")
    line.write("templates/email/welcome_back.txt", "---\nsubject: Again\npurpose: service\n---\nAgain.\n")
    return line


@pytest.fixture
def migrated(cauce: CommandLine) -> CommandLine:
    """The command line with an empty, migrated store."""
    cauce.good("db", "migrate")
    return cauce
