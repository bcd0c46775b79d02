"""The table of settings in `docs/operations.md`, made from `settings.Settings`.

`python -m tests.docs.settings_table` writes it into the page.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from settings import Settings, variable
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings: begin -->\n", "<!-- settings: end -->\n"
MADE = {
    "database_url": "`sqlite+aiosqlite:///var/cauce.db`, in the data folder",
    "public_url": "`http://HOST:PORT` of the API",
}
"""Defaults that follow other settings."""


def table() -> str:
    """Gives a row for each setting, in the order of the model."""
    rows = [f"| `{variable(name)}` | {_default(name, field)} | {_text(field)} |" for name, field in _fields()]
    return "\n".join(["| variable | default | |", "|---|---|---|", *rows]) + "\n"


def _fields() -> list[tuple[str, FieldInfo]]:
    return list(Settings.model_fields.items())


def _default(name: str, field: FieldInfo) -> str:
    if name in MADE:
        return MADE[name]
    match field.default:
        case None | () | SecretStr():
            return "-"
        case bool() as value:
            return f"`{str(value).lower()}`"
        case Path() | str() | int() | float() as value:
            return f"`{value}`"
        case other:
            raise TypeError(f"{name} has a default of the kind {type(other).__name__}; word it here")


def _text(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


def written(page: str) -> str:
    """Gives the page's table, as it stands there."""
    return page.partition(BEGIN)[2].partition(END)[0]


def replaced(page: str) -> str:
    """Gives the page with the table of now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
