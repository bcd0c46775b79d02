"""Every mistake of every template file is found where it stands."""

from __future__ import annotations

import pytest

from templates.errors import FrontMatterError, LiquidTextError, MjmlError, TemplateError
from templates.store import Templates

MJML = "<mjml><mj-body>{}</mj-body></mjml>\n"


def problems(path: str, text: str) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.message) for p in Templates.from_files({path: text}).problems()]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("fax/hello.txt", "not 'fax'"),
        ("hello.txt", "templates lie in a folder of email"),
        ("sms/hello.mjml", "ends in .txt or .yaml"),
        ("sms/hello", "ends in .txt or .yaml"),
        ("sms/hello world.txt", "is not NAME or NAME.LANGUAGE"),
        ("sms/hello.ES.txt", "is not NAME or NAME.LANGUAGE"),
        ("sms/hello.x.es.txt", "is not NAME or NAME.LANGUAGE"),
    ],
)
def test_a_file_where_no_template_can_lie(path: str, message: str) -> None:
    (problem,) = problems(path, "Hi")
    assert problem[:2] == (1, 1)
    assert message in problem[2]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("---\ntopic: a\nsubjct: Hi\n---\nx", 3, 1, "unknown word 'subjct'; did you mean subject?"),
        ("---\nzzz: Hi\n---\nx", 2, 1, "unknown word 'zzz'; known are subject, preview, purpose, topic"),
        ("---\ntext: Hi\n---\nx", 2, 1, "unknown word 'text'"),
        ("---\npurpose: sales\n---\nx", 2, 10, "purpose is marketing or service, not 'sales'"),
        ("---\ntopic: a\ntopic: b\n---\nx", 3, 1, "'topic' stands here twice"),
        ("---\ntopic: [a]\n---\nx", 2, 1, "'topic' must be a text"),
        ("---\ntopic:\n---\nx", 2, 1, "'topic' is empty"),
        ("---\n- a\n---\nx", 2, 1, "front matter is `word: value` lines"),
        ("---\ntopic: {a\n---\nx", 3, 1, "YAML: "),
        ("---\ntopic: \x07\n---\nx", 2, 1, "YAML: "),
        ("---\ntopic: a\nx", 1, 1, "no closing ---"),
    ],
)
def test_bad_front_matter(text: str, line: int, column: int, message: str) -> None:
    (problem,) = problems("sms/x.txt", text)
    assert problem[:2] == (line, column)
    assert message in problem[2]
    with pytest.raises(FrontMatterError, match=rf"^sms/x\.txt:{line}:{column}: "):
        Templates.from_files({"sms/x.txt": text}).render("sms", "x", None, {})


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("Hi {{ x | foo }}", 1, 11, "no filter 'foo'"),
        ("---\ntopic: a\n---\nHi\n  {% if %}\n", 5, 6, "missing expression"),
        ("---\ntopic: a\n---\nHi\n {{ x | nofilter }}", 5, 9, "no filter 'nofilter'"),
        ("---\nsubject: Hi {{ x | foo }}\n---\nx", 2, 20, "no filter 'foo'"),
        ("---\nsubject: 'Hi {{ x | foo }}'\n---\nx", 2, 21, "no filter 'foo'"),
        ("---\npreview: |\n  Hi\n  {{ x | foo }}\n---\nx", 4, 8, "no filter 'foo'"),
        ("{% include 'other' %}", 1, 12, "Liquid: other"),
        ("{% for %}", 1, 4, "Liquid: "),
        ("{% nonsense %}", 1, 4, "nonsense"),
    ],
)
def test_bad_liquid(text: str, line: int, column: int, message: str) -> None:
    (problem,) = problems("sms/x.txt", text)
    assert message in problem[2]
    assert problem[0] == line
    assert abs(problem[1] - column) <= 2  # a block scalar's indentation is not counted
    with pytest.raises(LiquidTextError, match=rf"^sms/x\.txt:{line}:"):
        Templates.from_files({"sms/x.txt": text}).render("sms", "x", None, {})


def test_an_email_needs_a_subject() -> None:
    assert problems("email/x.mjml", MJML.format("")) == [(1, 1, "an e-mail needs a subject")]


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        ("<mjml>\n<mj-body>\n", 4, "MJML: "),
        ("hello", 4, "MJML: "),
        ("<mjml>\n<mj-body>\n<mj-txt>Hi</mj-txt></mj-body></mjml>", 6, "no element mj-txt"),
        ("<mjml>\n<mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>", 5, "MJML: "),
    ],
)
def test_bad_mjml(body: str, line: int, message: str) -> None:
    text = f"---\nsubject: S\n---\n{body}"
    (problem,) = problems("email/x.mjml", text)
    assert problem[0] == line
    assert message in problem[2]
    with pytest.raises(MjmlError, match=rf"^email/x\.mjml:{line}:1: MJML"):
        Templates.from_files({"email/x.mjml": text}).render("email", "x", None, {})


def test_liquid_that_needs_its_values_is_no_problem_of_the_file() -> None:
    text = "---\nsubject: S\n---\n" + MJML.format("{{ 100 | divided_by: lead.n }}")
    assert problems("email/x.mjml", text) == []


def test_a_yaml_template_needs_its_text() -> None:
    assert problems("push/x.yaml", "topic: a\n") == [(1, 1, "a .yaml template needs `text`")]
    assert problems("push/x.yaml", "") == [(1, 1, "a .yaml template needs `text`")]
    assert problems("push/x.yaml", "topic: a\ntext: |\n  Hi\n  {{ x | foo }}\n")[0][0] == 4


def test_two_files_of_one_template_and_language_are_shown() -> None:
    files = {"email/x.es.mjml": f"---\nsubject: S\n---\n{MJML}", "email/x.es.txt": "---\nsubject: S\n---\nHi"}
    (problem,) = Templates.from_files(files).problems()
    assert (problem.file, problem.message) == (
        "email/x.es.txt", "email/x.es.mjml is the same template and language"
    )  # fmt: skip


def test_languages_that_differ_in_purpose_or_topic_are_shown() -> None:
    files = {"sms/x.en.txt": "Hi", "sms/x.es.txt": "---\npurpose: service\n---\nHola"}
    (problem,) = Templates.from_files(files).problems()
    assert (problem.file, problem.message) == (
        "sms/x.es.txt",
        "purpose and topic must be those of sms/x.en.txt",
    )


def test_all_mistakes_of_all_files_come_at_once_in_order() -> None:
    files = {
        "sms/b.txt": "{{ x | foo }}",
        "sms/a.txt": "---\nzzz: 1\npurpose: no\n---\n{% if %}",
        "fax/a.txt": "",
    }
    found = [(p.file, p.line) for p in Templates.from_files(files).problems()]
    assert found == [("fax/a.txt", 1), ("sms/a.txt", 2), ("sms/a.txt", 3), ("sms/a.txt", 5), ("sms/b.txt", 1)]


def test_a_broken_template_still_has_a_name_and_no_variables() -> None:
    templates = Templates.from_files({"sms/a.txt": "{% if %}{{ x }}"})
    assert templates.names("sms") == ("a",)
    assert templates.variables("sms", "a") == frozenset()
    with pytest.raises(TemplateError):
        templates.render("sms", "a", None, {})


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    text = "\ufeff---\r\ntopic: a\r\n---\r\nHi\r\n"
    templates = Templates.from_files({"sms/a.txt": text})
    assert templates.problems() == []
    assert (templates.info("sms", "a").topic, templates.render("sms", "a", None, {}).text) == ("a", "Hi")
