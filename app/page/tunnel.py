"""The public link: Gradio's tunnel to the page's port, for a demonstration.

Gradio lends a machine on the Internet that passes requests on, and a small program (frpc) that it downloads once.
What differs from ``gradio.networking.setup_tunnel``: the program's checksum is verified before every run, not only
after its download, and the certificate is kept in the workspace's temporary folder, not in the current one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import NetworkError

LASTS = 7 * 24 * 3600.0
"""Seconds that a link lives at most: "up to 1 week (best effort)", as Gradio 6.31 tells it (gradio/blocks.py)."""
SECONDS_TO_ANSWER = 30


@dataclass(frozen=True, slots=True)
class Tunnel:
    """An open link. url: https address. alive: False once it has broken. close: ends it."""

    url: str
    alive: Callable[[], bool]
    close: Callable[[], None]


OpenTunnel = Callable[[int, Path], Tunnel]


def open_tunnel(port: int, folder: Path) -> Tunnel:
    """A public link to 127.0.0.1:``port``; the certificate is written to ``folder``. Takes seconds.

    Raises NetworkError when the service, or the program it needs, can't be had.
    """
    from gradio import tunneling

    host, remote_port, certificate = _ask_for_a_server()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "tunnel.pem"
    file.write_text(certificate, "utf-8")
    _have_program()
    tunnel = tunneling.Tunnel(host, remote_port, "127.0.0.1", port, secrets.token_urlsafe(32), str(file))
    try:
        url = tunnel.start_tunnel()
    except (OSError, ValueError) as error:
        _end(tunnel)
        raise _refused(error) from error
    process = tunnel.proc
    return Tunnel(url, lambda: process is not None and process.poll() is None, lambda: _end(tunnel))


def _ask_for_a_server() -> tuple[str, int, str]:
    import httpx
    from gradio.networking import GRADIO_API_SERVER

    try:
        answer = httpx.get(GRADIO_API_SERVER, timeout=SECONDS_TO_ANSWER)
        answer.raise_for_status()
        given = answer.json()[0]
        return str(given["host"]), int(given["port"]), str(given["root_ca"])
    except (httpx.HTTPError, OSError, ValueError, LookupError, TypeError) as error:
        raise _refused(error) from error


def _have_program() -> None:
    """Download frpc unless it is there, and refuse to run one that is not what Gradio published."""
    import httpx
    from gradio import tunneling
    from gradio.exceptions import ChecksumMismatchError

    program = Path(tunneling.BINARY_PATH)
    try:
        tunneling.Tunnel.download_binary()  # type: ignore[no-untyped-call]
    except (httpx.HTTPError, OSError, ChecksumMismatchError) as error:
        raise _refused(error) from error
    expected = tunneling.CHECKSUMS.get(tunneling.BINARY_URL)
    if hashlib.sha256(program.read_bytes()).hexdigest() != expected:
        program.unlink()  # it is downloaded again the next time
        raise NetworkError(
            problem_fr="le programme du lien public (frpc) n'est pas celui que Gradio publie ; "
            "il a été supprimé sans être lancé. Relancez avec « --share » pour le télécharger de nouveau.",
            problem_en="the public link's program (frpc) is not the one that Gradio publishes; "
            "it was deleted and not run. Start again with “--share” to download it anew.",
        )


def _end(tunnel: object) -> None:
    """End frpc without Gradio's own message, which would be in English on the terminal."""
    process = getattr(tunnel, "proc", None)
    if process is not None:
        process.terminate()
        tunnel.proc = None  # type: ignore[attr-defined]


def _refused(error: Exception) -> NetworkError:
    import httpx

    why = (str(error).splitlines() or [""])[0][:160] or type(error).__name__
    # What a system says of a network that isn't there is English, and adds nothing.
    detail = "" if isinstance(error, OSError | httpx.ConnectError) else f" ({why})"
    return NetworkError(
        problem_fr="le lien public n'a pas pu être obtenu : le service de Gradio ou son programme ne sont pas "
        f"joignables{detail}. La page reste ouverte sur cet ordinateur ; vérifiez l'accès à Internet, "
        "puis recommencez.",
        problem_en="the public link could not be had: Gradio's service or its program can't be reached "
        f"({why}). The page stays open on this computer; check the access to the Internet, then try again.",
    )
