"""What may be wrong with an address or a certificate, told so that an operator knows what to do."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from pathlib import Path

from isolate_host.errors import ConfigError

__all__ = ["cannot_listen", "load_certificate"]

_HINTS = {
    errno.EADDRINUSE: "another process has the address: stop it, or choose another port",
    errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 or [::] stands for all that it has",
    errno.EACCES: "ports below 1024 need the capability CAP_NET_BIND_SERVICE, and a unix socket a folder that you may write to",
    errno.ENOENT: "the folder of the socket does not exist: make it first",
    errno.ENOTDIR: "what should be the folder of the socket is a file",
}
_LONGEST_SOCKET = "the path of a unix socket has at most 107 bytes"


def cannot_listen(where: object, error: OSError) -> ConfigError:
    """The error for an address that cannot be had."""
    if isinstance(error, socket.gaierror):
        return ConfigError(f"cannot listen on {where}: {error.strerror}", hint="write an address of this machine, such as 127.0.0.1")
    if error.errno is None:
        # So Python tells only one thing, and without a number.
        return ConfigError(f"cannot listen on {where}: {error}", hint=_LONGEST_SOCKET)
    return ConfigError(f"cannot listen on {where}: {os.strerror(error.errno)}", hint=_HINTS.get(error.errno))


def load_certificate(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Give ``context`` a certificate. Raises ``ConfigError``."""
    for file in (certificate, key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise ConfigError(f"cannot read {str(file)!r}: {error.strerror}") from None
    asked = False

    def passphrase() -> str:
        # Without this OpenSSL would ask at the terminal, and a service would stand still.
        nonlocal asked
        asked = True
        return ""

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except (OSError, ValueError) as error:
        raise _bad_certificate(certificate, key, error, encrypted=asked) from None


def _bad_certificate(certificate: Path, key: Path, error: Exception, *, encrypted: bool) -> ConfigError:
    if encrypted:
        return ConfigError(f"the key {str(key)!r} wants a passphrase", hint="write it without one: openssl pkey -in KEY -out PLAIN")
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return ConfigError(f"the key {str(key)!r} does not belong to the certificate {str(certificate)!r}")
    hint = "both have to be PEM text, the certificate with those that vouch for it"
    return ConfigError(f"cannot use the certificate {str(certificate)!r} with the key {str(key)!r}: {error}", hint=hint)
