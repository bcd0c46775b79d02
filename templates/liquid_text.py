"""Liquid, bounded: a template ends with an error before it eats the machine.

Loops, output, variables and nesting have the library's limits. What those miss is bounded here: a filter that
spells out a huge range, and filters that multiply two texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from functools import cache, wraps

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError, ResourceLimitError
from liquid.static_analysis import Segments
from pydantic import JsonValue

from templates.dates import date
from templates.errors import LiquidTextError

LOOPS = 10_000
OUTPUT_BYTES = 500_000
PRODUCT = 50_000_000
MULTIPLYING = frozenset({"replace", "join"})

# Besides its own errors the library lets through what Python says to numbers and texts that are too large.
FAULTS = (LiquidError, ArithmeticError, ValueError, TypeError, RecursionError)

Filter = Callable[..., object]


class BoundedEnvironment(Environment):
    """Liquid with limits on loops, output (bytes), variables (bytes), nesting and filters."""

    loop_iteration_limit = LOOPS
    output_stream_limit = OUTPUT_BYTES
    local_namespace_limit = OUTPUT_BYTES
    context_depth_limit = 20

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Registers the standard tags and filters, each filter bounded."""
        super().setup_tags_and_filters(extra=extra)
        self.filters["date"] = date
        for name, known in list(self.filters.items()):
            self.filters[name] = _bounded(name, known)


@dataclass(frozen=True, slots=True)
class LiquidText:
    """A piece of Liquid of `file` whose first character stands at `line` and `column`."""

    source: str
    file: str
    line: int
    column: int
    template: BoundTemplate
    variables: frozenset[str]

    def render(self, values: Mapping[str, JsonValue]) -> str:
        """Returns the text with `values` put in, missing ones as nothing; raises LiquidTextError."""
        try:
            return self.template.render(values)
        except FAULTS as fault:
            raise _located(fault, self.source, self.file, self.line, self.column) from fault


def parse(source: str, file: str, line: int = 1, column: int = 1, *, markup: bool = False) -> LiquidText:
    """Reads Liquid, whose values are escaped for HTML with `markup`; raises LiquidTextError."""
    environment = _environment(markup)
    try:
        template = environment.from_string(source)
        analysis = template.analyze()
    except FAULTS as fault:
        raise _located(fault, source, file, line, column) from fault
    for name, spans in analysis.filters.items():
        if name not in environment.filters:
            at = _place(source, spans[0].index, line, column)
            raise LiquidTextError(f"Liquid has no filter {name!r}", file, *at)
    used = (variable.segments for found in analysis.globals.values() for variable in found)
    return LiquidText(source, file, line, column, template, frozenset(map(_dotted, used)))


@cache
def _environment(markup: bool) -> BoundedEnvironment:
    return BoundedEnvironment(autoescape=markup)


def _dotted(segments: Segments) -> str:
    """`lead.items[0].name` is `lead.items`: what follows an index belongs to no declared name."""
    return ".".join(_names(segments))


def _names(segments: Segments) -> Iterator[str]:
    for segment in segments:
        if not isinstance(segment, str):
            return
        yield segment


def _located(fault: Exception, source: str, file: str, line: int, column: int) -> LiquidTextError:
    token = fault.token if isinstance(fault, LiquidError) else None
    index = token.start_index if token is not None else 0
    message = str(fault.args[0]) if fault.args else type(fault).__name__
    return LiquidTextError(f"Liquid: {message}", file, *_place(source, max(index, 0), line, column))


def _place(source: str, index: int, line: int, column: int) -> tuple[int, int]:
    before = source[:index].split("\n")
    return line + len(before) - 1, len(before[-1]) + (column if len(before) == 1 else 1)


def _bounded(name: str, known: Filter) -> Filter:
    @wraps(known)
    def bounded(*args: object, **options: object) -> object:
        if any(isinstance(arg, range) and len(arg) > LOOPS for arg in args):
            raise ResourceLimitError(f"{name}: the range is longer than {LOOPS}", token=None)
        if name in MULTIPLYING and _product(args) > PRODUCT:
            raise ResourceLimitError(f"{name}: the result is too long", token=None)
        return known(*args, **options)

    return bounded


def _product(args: tuple[object, ...]) -> int:
    """The longest result of the first value and the last text that goes between or in place of its parts."""
    sizes = [len(arg) for arg in args if isinstance(arg, Sized)]
    return sizes[0] * sizes[-1] if len(sizes) > 1 else 0
