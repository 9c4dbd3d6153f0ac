"""This machine's address on the local network, and QR codes for it. Finding the address sends nothing."""

from __future__ import annotations

import io
import ipaddress
import socket

from core.errors import NetworkError

_NOWHERE = ("192.0.2.1", 9)
"""An address reserved for documents (RFC 5737): a datagram socket that is pointed at it tells which of this
machine's addresses the system would use, and nothing is sent."""
_INNER = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "cni", "podman")
"""How the names of networks begin that exist only inside this machine."""


def lan_address() -> str:
    """The IPv4 address by which others on the network reach this machine. Raises NetworkError without a network."""
    for address in own_addresses():
        return address
    raise NetworkError(
        problem_fr="cet ordinateur n'est relié à aucun réseau : pas d'adresse à donner aux autres. "
        "Branchez le câble ou le Wi-Fi, puis relancez ; sans « --lan », la page s'ouvre sur cet ordinateur seulement.",
        problem_en="this computer is on no network: there is no address to give to others. "
        "Plug in the cable or join the Wi-Fi, then start again; without “--lan” the page opens on this computer only.",
    )


def own_addresses() -> list[str]:
    """This machine's IPv4 addresses on networks, the one that the system would use first."""
    found = [address for address in (_routed(), *_listed()) if address and _is_useful(address)]
    return list(dict.fromkeys(found))


def _routed() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_NOWHERE)
        except OSError:  # no default route: a network without a way out, or none
            return ""
        return str(probe.getsockname()[0])


def _listed() -> list[str]:
    import psutil

    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        entry.address
        for name, entries in psutil.net_if_addrs().items() if name in up and not name.startswith(_INNER)
        for entry in entries if entry.family == socket.AF_INET
    ]  # fmt: skip


def _is_useful(address: str) -> bool:
    known = ipaddress.ip_address(address)
    return not (known.is_loopback or known.is_link_local or known.is_unspecified)


def qr_svg(address: str) -> str:
    """A QR code as the data address of an SVG picture."""
    import segno

    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2, scale=4))


def qr_text(address: str) -> str:
    """A QR code in half blocks for a terminal."""
    import segno

    out = io.StringIO()
    segno.make(address, error="l", micro=False).terminal(out=out, border=2, compact=True)
    return out.getvalue()
