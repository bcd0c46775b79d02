"""The editor's bundle is the one that its sources make, and nobody else's server is named in it."""

from __future__ import annotations

import re

from tests.studio.bundle import STUDIO, source_hash

BUNDLE = STUDIO / "page" / "codemirror.js"


def test_the_bundle_says_that_it_was_made_from_the_sources_beside_it() -> None:
    first = BUNDLE.read_text("utf-8").partition("\n")[0]
    assert first.endswith(source_hash()), "run `make studio`"


def test_the_locked_packages_name_no_host() -> None:
    lock = (STUDIO / "bundle" / "package-lock.json").read_text("utf-8")
    assert "integrity" in lock
    assert not re.search(r'"resolved"|https?://', lock)


def test_every_package_inside_has_its_licence_beside_it() -> None:
    licences = (STUDIO / "page" / "licenses.txt").read_text("utf-8")
    for name in ("@codemirror/view", "@codemirror/lang-yaml", "@lezer/yaml", "style-mod", "crelt"):
        assert re.search(rf"^{re.escape(name)} \d+\.\d+\.\d+ \(MIT\)$", licences, re.MULTILINE), name


def test_no_file_of_the_page_names_another_server_or_writes_html() -> None:
    named = set()
    for file in (STUDIO / "page").iterdir():
        text = file.read_text("utf-8")
        named |= set(re.findall(r"https?://[\w.-]+", text))
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), (
            file.name
        )
    assert named <= {"http://www.w3.org"}
