"""Messages: the verbs of the channels, and `send`, which tries several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from language.problems import did_you_mean
from language.syntax import model as m
from language.syntax.parts import Parts
from language.yaml import Scalar
from model.channels import MESSAGES, NETWORKS, PREFERENCE

PREFERRED = "lead.preferred_channel"


def message(channel: str) -> Callable[[Parts, Scalar], m.MessageStep]:
    """Gives the reader of a channel's own verb."""

    def read(parts: Parts, template: Scalar) -> m.MessageStep:
        return _message(parts, template, (channel,))

    return read


def read_social(parts: Parts, template: Scalar) -> m.MessageStep:
    """Reads `social`, which says on which network."""
    if not parts.has("network"):
        parts.missing("network", "name it: `network: x` or `network: facebook`")
    return replace(_message(parts, template, ("social",)), network=_network(parts))


def read_send(parts: Parts, template: Scalar) -> m.MessageStep | None:
    """Reads `send` with the channels that it tries, or the one that the lead prefers."""
    named = parts.names("by")
    if not parts.has("by"):
        parts.missing("by", "name the channels: `by: [sms, email]`")
    preferred = [name.raw for name in named] == [PREFERRED]
    channels = PREFERENCE if preferred else _channels(parts, named)
    read = _message(parts, template, channels)
    network, until_seen, otherwise = _network(parts), parts.length("until_seen"), parts.block("else")
    if not preferred and len(channels) < max(len(named), 1):
        return None
    if not preferred:
        _check_network(parts, channels, network)
    if until_seen is not None and len(channels) == 1:
        _no_next(parts)
    return replace(read, otherwise=otherwise, network=network, until_seen=until_seen, preferred=preferred)


def _message(parts: Parts, template: Scalar, channels: tuple[str, ...]) -> m.MessageStep:
    return m.MessageStep(
        channels=channels,
        template=template,
        values=parts.pairs("with"),
        at=parts.scalar("at"),
        if_past=parts.choice("if_past", ("skip", "send", "end"), "skip"),
        says_if_past=parts.has("if_past"),
        not_after=parts.scalar("not_after"),
        hours=parts.scalar("hours"),
        on_quiet=parts.choice("on_quiet", ("hold", "skip"), "hold"),
        on_cap=parts.choice("on_cap", ("skip", "hold"), "skip"),
        on_unknown=parts.choice("on_unknown", ("assume_sent", "ask_human"), "assume_sent"),
    )


def _channels(parts: Parts, named: tuple[Scalar, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for name in named:
        if name.raw == PREFERRED:
            parts.problem(name.mark, "J005", f"`{PREFERRED}` stands alone", f"write `by: {PREFERRED}`")
        elif name.raw in found:
            parts.problem(name.mark, "J005", f"`{name.raw}` stands here twice", "take one out")
        elif name.raw in MESSAGES:
            found.append(name.raw)
        else:
            several = [part.strip() for part in name.raw.split(",")]
            advice = f"write `by: [{', '.join(several)}]`" if len(several) > 1 else None
            advice = (
                advice or did_you_mean(name.raw, MESSAGES) or f"write {', '.join(MESSAGES)} or {PREFERRED}"
            )
            parts.problem(name.mark, "J005", f"`{name.raw}` is no channel of messages", advice)
    return tuple(found)


def _network(parts: Parts) -> m.Network | None:
    if not parts.has("network"):
        parts.entry("network")
        return None
    options: tuple[m.Network, ...] = ("x", "facebook")
    return parts.choice("network", options, "x")


def _check_network(parts: Parts, channels: tuple[str, ...], network: str | None) -> None:
    entry = parts.entry("network")
    if "social" in channels and network is None:
        advice = f"name it: `network: {'` or `network: '.join(NETWORKS)}`"
        parts.problem(parts.mark, "J002", "`send` by `social` needs `network`", advice)
    elif entry is not None and "social" not in channels:
        parts.problem(entry.key.mark, "J028", "`network` belongs to the channel `social`", "leave it out")


def _no_next(parts: Parts) -> None:
    entry = parts.entry("until_seen")
    if entry is not None:
        advice = "name another channel in `by`, or leave it out"
        parts.problem(entry.key.mark, "J005", "`until_seen` has no next channel to go to", advice)
