"""What went wrong on the network, in words that tell a guest nothing about the host's own network."""

from __future__ import annotations

import errno
import ssl

import aiohttp

from isolate_host.plugins.fetch.messages import NetworkFailure

__all__ = ["network_error"]


def network_error(error: Exception, host: str) -> NetworkFailure:
    """The error for a request to ``host`` that aiohttp gave up on. Order matters: its classes overlap."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NetworkFailure(f"{host} cannot be resolved", "ENOTFOUND")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return NetworkFailure(f"the certificate of {host} is not valid: {_verdict(error)}", "CERT_INVALID")
    if isinstance(error, aiohttp.ClientSSLError):
        return NetworkFailure(f"no secure connection to {host} could be made", "EPROTO")
    if isinstance(error, TimeoutError):
        return NetworkFailure(f"{host} did not answer in time", "ETIMEDOUT")
    if isinstance(error, aiohttp.ClientConnectorError):
        code = errno.errorcode.get(error.os_error.errno or errno.ECONNREFUSED, "ECONNREFUSED")
        return NetworkFailure(f"no connection to {host} could be made", code)
    if isinstance(error, aiohttp.ClientResponseError):
        return NetworkFailure(f"{host} did not answer in HTTP/1.1", "EPROTO")
    return NetworkFailure(f"the connection to {host} was lost", "ECONNRESET")


def _verdict(error: aiohttp.ClientConnectorCertificateError) -> str:
    inner = error.certificate_error
    return inner.verify_message if isinstance(inner, ssl.SSLCertVerificationError) else "it was refused"
