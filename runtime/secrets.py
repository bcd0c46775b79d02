"""The secrets that connectors name: read once, from the environment or a file, checked before work begins."""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

from pydantic import SecretStr

from language.compiled import Connect
from runtime.project import Project
from settings import SettingsError


def read_secrets(project: Project) -> dict[str, SecretStr]:
    """Reads `NAME`, else the file that `NAME_FILE` names, for each secret of the vocabulary that is set.

    Raises SettingsError where a file cannot be read.
    """
    names = {one.secret for one in project.vocabulary.connectors.values() if one.secret is not None}
    found = {name: _read(name) for name in sorted(names)}
    return {name: SecretStr(value) for name, value in found.items() if value}


def unsigned(project: Project, secrets: Container[str]) -> list[tuple[str, str, str]]:
    """Lists the connectors of journeys whose secret is not set, each with what is wrong and what to do."""
    asked: dict[str, list[str]] = {}
    for journey in project.journeys.values():
        for name in {item.connector for item in journey.program if isinstance(item, Connect)}:
            asked.setdefault(name, []).append(journey.name)
    found = []
    for name, journeys in sorted(asked.items()):
        connector = project.vocabulary.connectors.get(name)
        if connector is not None and connector.secret is not None and connector.secret not in secrets:
            says = f"{connector.secret} is not set, and {', '.join(sorted(journeys))} would ask it"
            found.append(
                (name, says, f"set {connector.secret}, or {connector.secret}_FILE to a file with it")
            )
    return found


def refuse_unsigned(project: Project, secrets: Container[str]) -> None:
    """Raises SettingsError where a journey asks a connector whose secret is not set."""
    found = unsigned(project, secrets)
    if found:
        raise SettingsError("\n".join(f"connector {name}: {says}; {advice}" for name, says, advice in found))


def _read(name: str) -> str | None:
    if value := os.environ.get(name):
        return value
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        kind = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{name}_FILE cannot be read: {kind}") from None
