"""YAML is read as 1.2, with places, and every mistake is a J001."""

from __future__ import annotations

import pytest

from language.problems import Mark, Problem, Problems, as_json, closest, render
from language.yaml import Mapping, Scalar, Sequence, place, plain, read_yaml, resolve


def read(text: str | bytes) -> tuple[object, tuple[Problem, ...]]:
    problems = Problems()
    node = read_yaml("f.yaml", text, problems)
    return (plain(node) if node is not None else None), problems.all


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("9:00", "9:00"),
        ("24:00", "24:00"),
        ("+34600111222", "+34600111222"),
        ("+30", "+30"),
        ("1_000", "1_000"),
        ("08001", "08001"),
        ("2026-03-02", "2026-03-02"),
        ("12345678901234567890", "12345678901234567890"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("~", None),
        ("null", None),
        ("True", True),
        ("false", False),
        ("42", 42),
        ("-7", -7),
        ("0o17", 15),
        ("0xff", 255),
        ("1.5", 1.5),
        ("-1e3", -1000.0),
        ('"42"', "42"),
        ("'true'", "true"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, value: object) -> None:
    data, problems = read(f"key: {written}\n")
    assert problems == ()
    assert data == {"key": value}
    assert isinstance(data, dict)
    assert type(data["key"]) is type(value)


def test_every_key_and_value_knows_its_line_and_column() -> None:
    problems = Problems()
    node = read_yaml("j.yaml", "a: 1\nb:\n  - {c: x}\n", problems)
    assert isinstance(node, Mapping)
    entry = node.entry("b")
    assert entry is not None
    assert entry.key.mark == Mark("j.yaml", 2, 1)
    assert isinstance(entry.value, Sequence)
    inner = entry.value.items[0]
    assert isinstance(inner, Mapping)
    assert inner.flow
    assert inner.mark == Mark("j.yaml", 3, 5)
    assert inner.entries[0].value.mark == Mark("j.yaml", 3, 9)


def test_a_place_inside_a_text_counts_the_opening_quote() -> None:
    node = read_yaml("f", 'a: "lead.x"\nb: lead.x\nc: |\n  lead.x\n', Problems())
    assert isinstance(node, Mapping)
    quoted, bare, block = (entry.value for entry in node.entries)
    assert isinstance(quoted, Scalar)
    assert isinstance(bare, Scalar)
    assert isinstance(block, Scalar)
    assert place(quoted, 5) == Mark("f", 1, 10)
    assert place(bare, 5) == Mark("f", 2, 9)
    assert place(block, 5) == Mark("f", 3, 4)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: b: c", 1, 5, "a second `: `"),
        ("a: [1, 2\nb: 3", 2, 2, "cannot be read"),
        ("a: 1\nb: 2\na: 3", 3, 1, "twice (first in line 1)"),
        ("a: &x 1", 1, 4, "names a place"),
        ("a: *x", 1, 4, "refers to another place"),
        ("a: !!str 1", 1, 4, "tag"),
        ("1: a", 1, 1, "no text"),
        ("true: a", 1, 1, "no text"),
        ("a: {{ x }}", 1, 5, "a key is one word"),
        ("a: 1\n---\nb: 2", 2, 1, "second document"),
        ("%YAML 1.1\n---\na: 1", 1, 1, "directives"),
        ("a: 1\n\tb: 2", 2, 1, "tab"),
        ("a: x\x00y", 1, 5, "U+0000"),
        ("a: x\x1by", 1, 5, "U+001B"),
        ("a: x\u2028y", 1, 5, "U+2028"),
        ("", 1, 1, "empty"),
        ("# nothing\n", 1, 1, "empty"),
    ],
)
def test_what_yaml_gets_wrong_is_named_at_its_place(text: str, line: int, column: int, said: str) -> None:
    _, problems = read(text)
    assert [(p.code, p.line, p.column) for p in problems] == [("J001", line, column)]
    assert said in problems[0].message


def test_other_encodings_are_refused_with_their_line() -> None:
    _, problems = read("a: 1\nb: ñ\n".encode("latin-1"))
    assert [(p.line, p.message) for p in problems] == [(2, "the file is not in UTF-8")]


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert read("\ufeffa: 1\r\nb: 2\r\n".encode()) == ({"a": 1, "b": 2}, ())


def test_all_duplicates_of_a_file_are_reported_and_the_first_is_kept() -> None:
    data, problems = read("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert data == {"a": 1, "b": {"c": 1}}
    assert [p.line for p in problems] == [2, 3]


def test_thirty_levels_are_read_and_one_more_is_refused() -> None:
    assert read("[" * 30 + "]" * 30)[1] == ()
    (problem,) = read("[" * 31 + "]" * 31)[1]
    assert (problem.line, problem.column) == (1, 31)
    assert "30 levels" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "- " * 20_000,
        "? " * 20_000,
        "{a: " * 20_000,
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a]\n" for n in range(5_000)),
        "x" * 300_000,
        "a: " + "x" * 200_000 + "\x01",
    ],
    ids=["flow", "block", "keys", "maps", "aliases", "size", "control"],
)
def test_a_file_made_to_hurt_is_refused_with_a_line(text: str) -> None:
    _, problems = read(text)
    assert problems
    assert all(p.code == "J001" and p.line >= 1 for p in problems)
    assert len(problems) <= 50


def test_a_number_reads_the_same_in_quotes() -> None:
    assert resolve("5") == 5
    assert resolve("five") == "five"


def test_a_problem_shows_line_caret_and_suggestion() -> None:
    problem = Problem("a.yaml", 3, 5, "J003", "no such word", "did you mean `wait`?")
    assert render(problem, "  - wiat: 1 day") == (
        "a.yaml:3:5: J003 no such word\n      - wiat: 1 day\n        ^\n    suggestion: did you mean `wait`?"
    )
    assert as_json(problem)["suggestion"] == "did you mean `wait`?"


def test_the_closest_name_is_found_only_if_near() -> None:
    assert closest("wiat", ["wait", "email"]) == "wait"
    assert closest("Emial", ["wait", "email"]) == "email"
    assert closest("zzz", ["wait", "email"]) is None
