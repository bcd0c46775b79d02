"""Free and taken ports, checked before a process fails on them in its own words."""

import socket
from dataclasses import dataclass


class PortTaken(Exception):
    """A port that a process needs is in use; the message names the setting that changes it."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port to listen on and the variable that sets it."""

    number: int
    variable: str
    host: str = "127.0.0.1"

    def check(self) -> None:
        """Raises PortTaken when something listens there already."""
        if not is_free(self.number, self.host):
            raise PortTaken(
                f"port {self.number} is taken; set {self.variable}={next_free(self.number, self.host)}"
            )


def is_free(number: int, host: str = "127.0.0.1") -> bool:
    """Tries to bind the port, as the process that needs it will."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return False
    return True


def next_free(number: int, host: str = "127.0.0.1") -> int:
    """Finds the next higher free port, or any free one."""
    higher = range(number + 1, min(number + 100, 65536))
    return next((port for port in higher if is_free(port, host)), 0) or any_free(host)


def any_free(host: str = "127.0.0.1") -> int:
    """Asks the system for a free port; nothing keeps it free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        number: int = probe.getsockname()[1]
        return number
