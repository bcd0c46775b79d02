"""What can be wrong with a template.

TemplateError
  TemplatePathError     a file where no template can lie, or a second one of the same name and language
  FrontMatterError      the part between `---` and `---`
  LiquidTextError       Liquid that cannot be read or rendered
  MjmlError             MJML that cannot be read
  MissingTemplateError  no template of that name
"""

from __future__ import annotations


class TemplateError(Exception):
    """What is wrong in `file` at `line` and `column` (from 1).

    The message of an error at rendering may quote a value: it is for the console, not for logs.
    """

    def __init__(self, message: str, file: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.file, self.line, self.column = message, file, line, column

    def __str__(self) -> str:
        """Returns `file:line:column: message`."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class TemplatePathError(TemplateError):
    """A file where no template can lie, or a second one of the same name and language."""


class FrontMatterError(TemplateError):
    """Front matter that is no YAML mapping of known words, or a needed one missing."""


class LiquidTextError(TemplateError):
    """Liquid that cannot be read, is unbounded, or fails with these values."""


class MjmlError(TemplateError):
    """MJML that cannot be read."""


class MissingTemplateError(TemplateError):
    """No template of that name; `closest` are the nearest names of the channel."""

    def __init__(self, channel: str, name: str, closest: tuple[str, ...]) -> None:
        hint = f"; did you mean {' or '.join(closest)}?" if closest else ""
        super().__init__(f"there is no {channel} template {name!r}{hint}", f"{channel}/{name}")
        self.channel, self.name, self.closest = channel, name, closest

    def __str__(self) -> str:
        """Returns the message alone: there is no file to point at."""
        return self.message


def to_mend(error: TemplateError, channel: str, name: str) -> str:
    """Says what an operator has to mend, without a word of what the template would have said."""
    if isinstance(error, MissingTemplateError):
        return f"there is no {channel} template {name}: put it back, restart the worker"
    where = f"{error.file}, line {error.line}"
    return f"the {channel} template {name} cannot be rendered ({where}): mend it, restart the worker"
