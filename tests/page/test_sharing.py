"""The network's address, the QR code, and the public link with a tunnel of our own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app as commands
from app.page import lan, tunnel
from app.page.server import create_app, listen
from app.page.sharing import Sharing
from app.page.tunnel import Tunnel
from core.errors import NetworkError, SettingsError
from core.settings import Settings
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.workspace import Workspace

LINK = "https://essai123.gradio.live"


# The network


def test_the_machine_s_address_is_one_of_its_own_and_finding_it_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("something was sent")

    for sending in ("send", "sendto", "sendall"):
        monkeypatch.setattr(socket.socket, sending, refuse)
    found = lan.own_addresses()
    if not found:
        pytest.skip("this machine is on no network")
    assert lan.lan_address() == found[0]
    assert not any(address.startswith(("127.", "169.254.")) for address in found)


def test_a_machine_without_a_network_says_so_and_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lan, "_routed", lambda: "")
    monkeypatch.setattr(lan, "_listed", lambda: ["127.0.0.1", "169.254.3.4"])
    told = CliRunner().invoke(commands, ["open", "--lan", "--no-browser", "--workspace", str(tmp_path / "w")])
    assert told.exit_code == 2
    assert "cet ordinateur n'est relié à aucun réseau" in told.stderr
    assert "Branchez le câble ou le Wi-Fi" in told.stderr
    assert not (tmp_path / "w").exists()
    monkeypatch.setattr(lan, "_listed", lambda: ["127.0.0.1", "192.168.1.20"])
    assert lan.lan_address() == "192.168.1.20"


def test_the_page_listens_on_each_address_at_one_port_and_names_an_address_that_is_not_this_machine_s() -> None:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    listeners, chosen = listen(port, ["127.0.0.1", "127.0.0.2"])
    assert chosen > port
    assert [item.getsockname() for item in listeners] == [("127.0.0.1", chosen), ("127.0.0.2", chosen)]
    for item in (*listeners, taken):
        item.close()
    with pytest.raises(SettingsError, match=r"203\.0\.113\.9"):
        listen(0, ["127.0.0.1", "203.0.113.9"])


def test_the_qr_code_holds_the_guests_invitation() -> None:
    sharing = Sharing(port=7861, lan="192.168.1.20")
    assert sharing.logins is not None
    assert sharing.invitation == f"http://192.168.1.20:7861/entrer?cle={sharing.logins.guest_key}"
    assert sharing.door == f"http://127.0.0.1:7861/entrer?cle={sharing.logins.owner_key}"
    assert lan.qr_svg(sharing.invitation).startswith("data:image/svg+xml")
    lines = lan.qr_text(sharing.invitation).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert set("".join(lines)) <= set("█▀▄ ")
    assert Sharing(port=7861).door == "http://127.0.0.1:7861/"
    guest = sharing.as_json("fr", local=False)
    assert not {"password", "qr", "address"} & set(guest)


# The public link


@contextmanager
def running(tmp_path: Path, sharing: Sharing) -> Iterator[httpx.Client]:
    """The real page in this process; a client that talks to it as the tunnel would, from 127.0.0.1."""
    import uvicorn

    workspace = Workspace.open(tmp_path / "w")
    workspace.clean()
    service, app = create_app(Desk(workspace, InlineEngines(), Settings(), "test"), sharing)
    listeners, sharing.port = listen(0, ["127.0.0.1"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": listeners})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        with httpx.Client(base_url=f"http://127.0.0.1:{sharing.port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        service.close()


def test_the_link_s_host_is_admitted_once_known_and_its_visitors_are_guests(tmp_path: Path) -> None:
    sharing = Sharing(share=True)
    assert sharing.logins is not None
    closed: list[bool] = []
    asked: list[int] = []

    def opener(port: int, folder: Path) -> Tunnel:
        asked.append(port)
        return Tunnel(LINK, lambda: not closed, lambda: closed.append(True))

    through = {"host": "essai123.gradio.live", "x-forwarded-for": "198.51.100.4, 203.0.113.5"}
    with running(tmp_path, sharing) as client:
        assert client.get("/connexion", headers=through).status_code == 421
        assert sharing.as_json("fr", local=True)["state"] == "waiting"
        sharing.open_link(opener, tmp_path).join(30)
        assert asked == [sharing.port]
        assert client.get("/connexion", headers=through).status_code == 200
        assert client.get("/connexion", headers={"host": "autre.gradio.live"}).status_code == 421
        assert client.get("/config", headers=through).status_code == 401
        # A wrong password, then the right one; the cookie goes over https only.
        form = {"password": "pas celui-ci", "next": "/"}
        assert client.post("/connexion", data=form, headers=through).status_code == 401
        assert sharing.throttle._by_address.keys() == {"link 203.0.113.5"}
        form["password"] = sharing.logins.password
        own = through | {"origin": LINK, "sec-fetch-site": "same-origin"}
        entered = client.post("/connexion", data=form, headers=own)
        assert entered.status_code == 303
        assert entered.headers["location"] == "/"
        assert {"HttpOnly", "Secure", "SameSite=strict"} <= set(entered.headers["set-cookie"].split("; "))
        cookie = entered.headers["set-cookie"].split(";")[0]
        page = client.get("/config", headers=through | {"cookie": cookie})
        assert page.status_code == 200
        assert page.json()["root"] == LINK
        # The owner's key opens nothing from outside.
        entered = client.get(f"/entrer?cle={sharing.logins.owner_key}", headers=through)
        cookie = entered.headers["set-cookie"].split(";")[0]
        assert client.get("/config", headers=through | {"cookie": cookie}).status_code == 401
        assert client.get("/config", headers={"cookie": cookie}).status_code == 200
        told = sharing.as_json("fr", local=True)
        assert told["address"] == f"{LINK}/"
        assert told["state"] == "open"
        left = sharing.expires_at()
        assert left is not None
        assert 7 * 86400 - 60 < left.timestamp() - time.time() < 7 * 86400 + 5
        sharing.close()
        assert closed == [True]
        assert "rompu" in sharing.as_json("fr", local=True)["problem"]


def test_a_link_that_can_t_be_had_is_told_and_the_page_stays_for_this_machine(tmp_path: Path) -> None:
    sharing = Sharing(share=True)
    assert sharing.logins is not None
    told = threading.Event()

    def opener(port: int, folder: Path) -> Tunnel:
        raise NetworkError(problem_fr="pas de lien", problem_en="no link")

    with running(tmp_path, sharing) as client:
        sharing.open_link(opener, tmp_path, told.set).join(30)
        assert told.is_set()
        state = sharing.as_json("fr", local=True)
        assert (state["state"], state["problem"], state["address"]) == ("problem", "Réseau : pas de lien", "")
        assert client.get(sharing.door).status_code == 200
        assert client.get("/", headers={"accept": "text/html"}).status_code == 200  # with the cookie that the door gave


def test_a_link_that_never_answers_becomes_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sharing, never = Sharing(share=True), threading.Event()
    thread = sharing.open_link(lambda port, folder: [never.wait(), Tunnel(LINK, bool, bool)][1], tmp_path)  # type: ignore[arg-type, list-item, return-value]
    assert sharing.problem() is None
    assert sharing.as_json("fr", local=True)["state"] == "waiting"
    monkeypatch.setattr("app.page.sharing.PATIENCE", 0.0)
    assert "n'arrive pas" in sharing.as_json("fr", local=True)["problem"]
    never.set()
    thread.join(10)


def test_gradio_s_tunnel_without_a_network_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_network(*args: Any, **options: Any) -> None:
        raise httpx.ConnectError("Name or service not known")

    monkeypatch.setattr(httpx, "get", no_network)
    with pytest.raises(NetworkError) as refused:
        tunnel.open_tunnel(7860, tmp_path)
    assert "le lien public n'a pas pu être obtenu" in refused.value.message("fr")
    assert "vérifiez l'accès à Internet" in refused.value.message("fr")
    assert "Name or service not known" in refused.value.message("en")
    assert list(tmp_path.iterdir()) == []


def test_a_tunnel_program_that_was_tampered_with_is_deleted_and_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gradio import tunneling

    program = tmp_path / "frpc"
    program.write_bytes(b"not what Gradio publishes")
    monkeypatch.setattr(tunneling, "BINARY_PATH", str(program))
    monkeypatch.setattr(tunnel, "_ask_for_a_server", lambda: ("198.51.100.1", 7000, "certificate"))
    monkeypatch.setattr(tunneling.Tunnel, "start_tunnel", lambda self: pytest.fail("it was run"))
    with pytest.raises(NetworkError, match="not the one that Gradio publishes"):
        tunnel.open_tunnel(7860, tmp_path / "certificates")
    assert not program.exists()
    assert (tmp_path / "certificates" / "tunnel.pem").read_text() == "certificate"
