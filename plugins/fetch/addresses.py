"""What kind of address a name led to. Own tables: ``ipaddress.is_global`` changed its mind between patch releases of Python."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, Literal

__all__ = ["Address", "Kind", "kind_of_address", "parse_address", "unmapped"]

Address = IPv4Address | IPv6Address
#: ``never``: no policy opens it. ``metadata``: only a rule that spells the address out. ``private``: with ``private_addresses: allow``.
Kind = Literal["public", "private", "metadata", "never"]

_METADATA: Final = frozenset(
    ip_address(text) for text in ("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")
)
_NEVER_4: Final = tuple(map(IPv4Network, ("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4")))
_PRIVATE_4: Final = tuple(
    map(
        IPv4Network,
        (
            "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        ),
    )
)  # fmt: skip
# Of IPv6 only global unicast is public, less what is carved out of it: Teredo and its neighbours, documentation, 6to4.
_GLOBAL_6: Final = IPv6Network("2000::/3")
_CARVED_6: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_PRIVATE_6: Final = tuple(map(IPv6Network, ("::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "2001:db8::/32")))
_NAT64: Final = IPv6Network("64:ff9b::/96")
_MAPPED: Final = IPv6Network("::ffff:0:0/96")


def parse_address(host: str) -> Address | None:
    """The address that a canonical host is, in brackets or not; ``None`` for a name."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def unmapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped or NAT64 one, else ``address`` itself: where its packets go in the end."""
    if isinstance(address, IPv6Address) and (address in _NAT64 or address in _MAPPED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def kind_of_address(address: Address) -> Kind:
    """How much trust a connection to ``address`` needs."""
    inner = unmapped(address)
    if inner in _METADATA:
        return "metadata"
    if isinstance(inner, IPv4Address):
        if any(inner in network for network in _NEVER_4):
            return "never"
        return "private" if any(inner in network for network in _PRIVATE_4) else "public"
    if inner in _GLOBAL_6 and not any(inner in network for network in _CARVED_6):
        return "public"
    # What is neither public nor plainly somebody's own network is a tunnel or a relic, and can hide any address.
    return "private" if any(inner in network for network in _PRIVATE_6) else "never"
