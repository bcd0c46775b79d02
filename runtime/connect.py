"""The one way every process connects to Temporal, so that all read and write payloads alike."""

import asyncio

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

from settings import Settings

_JSON = PydanticJSONPlainPayloadConverter()
"""One for the whole process: each builds its readers of types anew (40 ms for a run's input), and Temporal
makes a converter for every run."""


class TemporalUnreachable(Exception):
    """No Temporal server answers at the address."""


class Payloads(CompositePayloadConverter):
    """Reads and writes payloads by pydantic, with readers that all runs share."""

    def __init__(self) -> None:
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(one, JSONPlainPayloadConverter) else one for one in usual))


PAYLOADS = DataConverter(payload_converter_class=Payloads)


async def connect(settings: Settings) -> Client:
    """Connects once; raises RuntimeError when nothing answers."""
    key = settings.temporal_api_key
    return await Client.connect(
        address(settings),
        namespace=settings.temporal_namespace,
        data_converter=PAYLOADS,
        api_key=key.get_secret_value() if key else None,
        tls=settings.temporal_tls or key is not None,
    )


async def connect_within(settings: Settings, seconds: float = 30.0) -> Client:
    """Connects as soon as the server answers; raises TemporalUnreachable after `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await connect(settings)
                except RuntimeError:
                    await asyncio.sleep(0.2)
    except TimeoutError:
        message = (
            f"no Temporal server answers at {address(settings)}; start one or set CAUCE_TEMPORAL_ADDRESS"
        )
        raise TemporalUnreachable(message) from None


def address(settings: Settings) -> str:
    """Tells where Temporal is: the address set, else the own development server's."""
    return settings.temporal_address or f"127.0.0.1:{settings.temporal_port}"
