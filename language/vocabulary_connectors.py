"""Reads the outside addresses that a vocabulary names under `connectors`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

from language.problems import Problems
from language.reading import check_name, read_length, read_mapping, read_parts, read_text
from language.schema import Fields
from language.terms import Connector
from language.vocabulary_fields import read_fields
from language.yaml import Entry, Node
from model.connectors import Method
from model.time import Length

METHODS: dict[str, Method] = {word: word for word in get_args(Method)}
LONGEST = 60
"""Seconds that one try may take."""

_SECRET = re.compile(r"[A-Z][A-Z0-9_]*")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
_WITH_PASSWORD = re.compile(r"https?://[^\s/?#]*@")


def read_connectors(entries: Iterable[Entry], problems: Problems) -> dict[str, Connector]:
    """Reads connectors: one of the methods with its URL, and what goes there and back."""
    connectors: dict[str, Connector] = {}
    for entry in entries:
        if check_name(entry, "a connector", problems):
            connector = _read_connector(entry, problems)
            if connector is not None:
                connectors[entry.name] = connector
    return connectors


def _read_connector(entry: Entry, problems: Problems) -> Connector | None:
    words = (*METHODS, "secret", "sends", "answers", "timeout", "retry_for")
    parts = read_parts(entry.value, f"the connector `{entry.name}`", words, problems)
    if parts is None:
        return None
    methods = [name for name in METHODS if name in parts]
    if len(methods) != 1:
        problems.add(
            entry.key.mark, "J002", f"`{entry.name}` needs one of {', '.join(METHODS)}", "add `post: URL`"
        )
        return None
    default = Connector(entry.name, METHODS[methods[0]], _read_url(parts[methods[0]], problems))
    return replace(
        default,
        secret=_read_secret(parts, problems),
        sends=_fields(parts, "sends", problems),
        answers=_fields(parts, "answers", problems),
        timeout=_read_timeout(parts, problems) or default.timeout,
        retry_for=_read_retry(parts, problems) or default.retry_for,
    )


def _read_url(node: Node, problems: Problems) -> str:
    url = read_text(node, "the URL", problems)
    if url is None:
        return ""
    if not _URL.fullmatch(url):
        problems.add(node.mark, "J005", f"`{url}` is no URL", "write `https://…`")
    elif _WITH_PASSWORD.match(url):
        advice = "take it out, and name a setting that holds it: `secret: NAME`"
        problems.add(node.mark, "J005", "this URL holds a name or a password", advice)
    return url


def _read_secret(parts: dict[str, Node], problems: Problems) -> str | None:
    secret = read_text(parts["secret"], "`secret`", problems) if "secret" in parts else None
    if secret is not None and not _SECRET.fullmatch(secret):
        message = "`secret` names a setting of the environment, it is not the secret itself"
        problems.add(parts["secret"].mark, "J005", message, "write a name like `LEAD_ROUTER_KEY`")
        return None
    return secret


def _read_timeout(parts: dict[str, Node], problems: Problems) -> Length | None:
    found = read_length(parts, "timeout", problems)
    if found is None or found == Length(seconds=min(found.seconds, LONGEST)):
        return found
    problems.add(parts["timeout"].mark, "J005", f"`timeout` is {LONGEST} seconds at most", "shorten it")
    return None


def _read_retry(parts: dict[str, Node], problems: Problems) -> Length | None:
    found = read_length(parts, "retry_for", problems)
    if found is None or not found.business_days:
        return found
    problems.add(parts["retry_for"].mark, "J005", "`retry_for` is no business days", "write `1 day`")
    return None


def _fields(parts: dict[str, Node], name: str, problems: Problems) -> Fields:
    mapping = read_mapping(parts[name], f"`{name}`", problems) if name in parts else None
    return read_fields(mapping.entries, problems) if mapping is not None else {}
