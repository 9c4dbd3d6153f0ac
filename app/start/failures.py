"""Why pip failed: from what it printed to the text that says so and what to do."""

from __future__ import annotations

import re

_SIGNS = (
    ("disk_full", r"No space left on device|\[Errno 28\]|WinError 112|not enough space on the disk"),
    ("proxy", r"ProxyError|Tunnel connection failed|407 Proxy Authentication|Cannot connect to proxy"),
    ("certificate", r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError"),
    ("path_long", r"WinError 206|filename or extension is too long|File name too long|Long Path support"),
    ("file_in_use", r"WinError 32|WinError 5\b|being used by another process"),
    ("permission", r"\[Errno 13\]|Permission denied|\[Errno 30\]|Read-only file system"),
    ("memory", r"MemoryError|Cannot allocate memory|\[Errno 12\]"),
    ("damaged", r"DO NOT MATCH THE HASHES|BadZipFile|is invalid\.|Bad CRC|IncompleteRead|has an invalid wheel"),
)
_NETWORK = (
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|getaddrinfo failed|"
    r"nodename nor servname|Network is unreachable|ConnectTimeoutError|ReadTimeoutError|Read timed out|"
    r"Connection refused|Connection reset|RemoteDisconnected|Max retries exceeded|No route to host"
)
_MISSING = r"No matching distribution found for ([^\s;(]+)"


def explain(output: str, *, kit: bool, code: int) -> tuple[str, dict[str, object]]:
    """(text's key below "start.failed.", details) for what pip printed.

    kit: no network was to be used. code: pip's exit status, negative when a signal ended it.
    """
    for key, sign in _SIGNS:
        if re.search(sign, output):
            return key, {}
    missing = re.search(_MISSING, output)
    if not kit and re.search(_NETWORK, output):
        return "network", {}
    if missing:
        return ("kit_lacks" if kit else "no_build"), {"package": missing.group(1)}
    if code in (-9, 137):
        return "memory", {}
    errors = [line for line in output.splitlines() if line.startswith(("ERROR", "error"))]
    last = errors or output.strip().splitlines() or [str(code)]
    return "other", {"why": last[-1][:300]}
