"""Time zones of the IANA database as the package `tzdata` lists them, and where a lead may be."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import phonenumbers
from phonenumbers import timezone


def zone_or(zone: str | None, default: str) -> str:
    """Returns `zone` if the IANA database has it (in this very spelling), else `default`."""
    return zone if zone is not None and zone in known_zones() else default


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Returns the names of all zones and links."""
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())


def possible_zones(phone: str | None, country: str | None) -> tuple[str, ...]:
    """Returns the zones where a lead with this E.164 `phone` and ISO 3166 `country` may be; empty: unknown.

    The country, which an address tells, goes before the phone: its zones, narrowed to those of the phone's
    prefix where both agree. They come in the order of tzdata's `zone.tab`: by country, the most populous
    first within each (as far as that table's geographical order allows); zones of other countries that share
    the prefix follow.
    """
    of_country = zones_of_country(country)
    of_phone = _zones_of_phone(phone)
    if not of_country:
        return of_phone
    return tuple(zone for zone in of_country if zone in of_phone) or of_country


def zones_of_country(country: str | None) -> tuple[str, ...]:
    """Returns the zones of an ISO 3166 country code in the order of `zone.tab`."""
    return _by_country().get((country or "").upper(), ())


def _zones_of_phone(phone: str | None) -> tuple[str, ...]:
    try:
        number = phonenumbers.parse(phone or "", None)
    except phonenumbers.NumberParseException:
        return ()
    home = zones_of_country(phonenumbers.region_code_for_number(number))
    named = [zone for zone in timezone.time_zones_for_number(number) if zone in known_zones()]
    if not named or "Etc/Unknown" in named:
        return home
    return tuple(zone for zone in home if zone in named) + tuple(zone for zone in named if zone not in home)


@lru_cache(maxsize=1)
def _by_country() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table[country] = (*table.get(country, ()), zone)
    return table
