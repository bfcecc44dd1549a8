"""Where a call comes from, as far as it is counted."""

from __future__ import annotations


def network_of(host: str) -> str:
    """The network of an address. A household has a whole /64 of IPv6, so that counts as one."""
    return ":".join(host.split(":")[:4]) if ":" in host else host
