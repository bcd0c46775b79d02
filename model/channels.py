"""The channels by which a message goes, and what each of them needs to know of a lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

MESSAGES = ("email", "sms", "whatsapp", "push", "web_message", "voice", "letter", "social")
"""Channels of messages; a call is made by a person and is none."""

NETWORKS = ("x", "facebook")
"""Networks of the channel `social`."""

PREFERENCE = ("email", "whatsapp", "sms", "push", "web_message", "social", "voice", "letter")
"""In which order channels are tried where the lead prefers none of them: what costs the least goes first."""

FOLDERS: Mapping[str, str] = {"web_message": "web"}
"""Folders of templates that are not called like their channel."""

_ATTRIBUTES: Mapping[str, str] = {
    "email": "email",
    **dict.fromkeys(("sms", "whatsapp", "voice", "call"), "phone"),
    "push": "push_token",
    "web_message": "id",
    "letter": "postal_address",
    "social:x": "x_handle",
    "social:facebook": "facebook_handle",
}
HANDLES = ("push_token", "x_handle", "facebook_handle")
"""Attributes of every lead that are addresses and nothing else."""


def place_of(channel: str, network: str | None = None) -> str:
    """Names a channel with its network, as addresses are told apart: `sms`, `social:x`."""
    return channel if network is None else f"{channel}:{network}"


def attributes_of(channel: str) -> tuple[str, ...]:
    """Lists the attributes of a lead, any of which is an address on the channel."""
    found = (name for place, name in _ATTRIBUTES.items() if place.partition(":")[0] == channel)
    return tuple(dict.fromkeys(found))


def address_of(channel: str, network: str | None, read: Callable[[str], JsonValue]) -> str | None:
    """Gives a lead's address on a channel; `read` gives an attribute of the lead by its name."""
    name = _ATTRIBUTES.get(place_of(channel, network))
    value = read(name) if name is not None else None
    return value if isinstance(value, str) and value else None


def places_of(read: Callable[[str], JsonValue]) -> tuple[str, ...]:
    """Lists where a lead has an address: channels, and for `social` each network too."""
    found = [place for place, name in _ATTRIBUTES.items() if read(name)]
    return tuple(dict.fromkeys([*(place.partition(":")[0] for place in found), *found]))


def addresses_of(read: Callable[[str], JsonValue]) -> tuple[str, ...]:
    """Lists all addresses of a lead, each once."""
    values = (read(name) for name in dict.fromkeys(_ATTRIBUTES.values()) if name != "id")
    return tuple(value for value in values if isinstance(value, str) and value)
