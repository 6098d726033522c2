"""Certificates for the hosts that pages ask for, so that the policy sees the requests inside of TLS.

They all have one key, made for this process and never written to a disk. The browser accepts them because it is told to (by the hash of the
key, or context by context), and nothing else reaches it; the real certificates are checked where the connection leaves the host.
"""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["Certificates"]

#: Hosts whose certificates are kept.
_MOST: Final = 256
_NAME: Final = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "isolate-host")])
#: Chromium takes no longer-lived certificates.
_DAYS: Final = 300


class Certificates:
    """Makes them when they are asked for."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    @property
    def fingerprint(self) -> str:
        """The hash of the public key, as ``--ignore-certificate-errors-spki-list`` takes it."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(hashlib.sha256(self._key.public_key().public_bytes(serialization.Encoding.DER, form)).digest()).decode()

    def context(self, host: str) -> ssl.SSLContext:
        """What a server named ``host`` needs."""
        known = self._contexts.get(host)
        if known is None:
            known = self._contexts[host] = self._make(host)
            if len(self._contexts) > _MOST:
                self._contexts.popitem(last=False)
        self._contexts.move_to_end(host)
        return known

    def _make(self, host: str) -> ssl.SSLContext:
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_NAME).issuer_name(_NAME).public_key(self._key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=_DAYS))
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        _load(context, certificate.public_bytes(serialization.Encoding.PEM) + self._private())
        return context

    def _private(self) -> bytes:
        form = serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        return x509.DNSName(host)


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """OpenSSL's Python module reads certificates from files only: this one has no name, and is gone afterwards."""
    number = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        os.write(number, pem)
        context.load_cert_chain(f"/proc/self/fd/{number}")
    finally:
        os.close(number)
