"""Pages under attack: one for its machine only, one open to a network; visitors of both kinds; raw requests."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from tests.page.served import Serving, serving

PASSWORD = "drapeau à damier 24"
GUEST_HOST = "127.0.0.2"
"""Loopback, and yet another address than 127.0.0.1: what the network is to the page."""
CALL = "/gradio_api/component_server/"


def can_bind(address: str) -> bool:
    """True when this machine has the address."""
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True


needs_second_address = pytest.mark.skipif(
    not can_bind(GUEST_HOST), reason=f"{GUEST_HOST} can't be bound here (on macOS only 127.0.0.1 is set up)"
)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked") / "bureau"


@pytest.fixture(scope="module")
def alone(shared_workspace: Path) -> Iterator[str]:
    """A page as it opens by default: for this machine only."""
    with serving(shared_workspace.with_name("seul")) as page:
        yield page.address


@pytest.fixture(scope="module")
def shared(shared_workspace: Path) -> Iterator[Serving]:
    """A page that is open to a network."""
    if not can_bind(GUEST_HOST):
        pytest.skip(f"{GUEST_HOST} can't be bound here")
    with serving(shared_workspace, "--lan-address", GUEST_HOST, "--password", PASSWORD) as page:
        yield page


@pytest.fixture(scope="module")
def outside(shared: Serving) -> str:
    """The address by which others reach it."""
    return shared.address.replace("127.0.0.1", GUEST_HOST)


@pytest.fixture(scope="module")
def guest(outside: str) -> Iterator[httpx.Client]:
    """A guest who has logged in by the password."""
    with httpx.Client(base_url=outside, timeout=60) as client:
        assert client.post("/connexion", data={"password": PASSWORD}).status_code == 303
        yield client


@pytest.fixture(scope="module")
def owner(shared: Serving) -> Iterator[httpx.Client]:
    """Whoever sits at the machine, come in by the address that Paddock opens."""
    with httpx.Client(base_url=shared.address, timeout=60) as client:
        assert client.get(shared.door).status_code == 200
        yield client


def raw(address: str, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Any:
    """A request exactly as written: nothing normalised, no header added but Content-Length. (status, headers, body)."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    given = {"Host": where.netloc, **(headers or {})}
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        connection.putheader(name, value)
    if method == "POST" and "Content-Length" not in given and "Transfer-Encoding" not in given:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    told = (answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return told


def frame_id(client: httpx.Client) -> int:
    """The number by which Gradio knows the component that answers calls."""
    components = client.get("/config").json()["components"]
    (found,) = [item["id"] for item in components if item["props"].get("elem_id") == "desk-frame"]
    return int(found)


def call(client: httpx.Client, method: str, **args: Any) -> Any:
    """One call as the page makes it."""
    payload = {"method": method, "args": args, "lang": "fr", "visitor": "attack"}
    body = {"data": payload, "component_id": frame_id(client), "fn_name": "call", "session_hash": "s"}
    return client.post(CALL, json=body).raise_for_status().json()


def ended_job(client: httpx.Client, job: str) -> Any:
    """The state of a job once it has ended."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        state = call(client, "job", id=job)["value"]
        if not state["active"]:
            return state
        time.sleep(0.2)
    raise AssertionError(f"job {job} did not end")


def multipart(name: str, data: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of an upload of one file."""
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    return {"Content-Type": "multipart/form-data; boundary=b"}, head + data + b"\r\n--b--\r\n"


def is_ready(page: Page) -> None:
    """Wait until the desk has started in a browser's page."""
    page.wait_for_function("window.desk && desk.ready")
