"""The gate and its neighbours, asked directly: hosts, origins, who is local, how much may be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.page.gate import FORM, UPLOAD_GUEST, UPLOAD_LOCAL, Gate
from app.page.login import inside
from app.page.origin import host_of, is_own
from app.page.sharing import Sharing
from app.page.visitors import NOBODY, Visitor, current, local_only
from core.errors import ChoiceError
from studio.space import RESERVE


def _scope(method: str = "GET", path: str = "/", kind: str = "http", **headers: str) -> dict[str, Any]:
    named = {"host": "127.0.0.1:7860", **{name.replace("_", "-"): value for name, value in headers.items()}}
    pairs = [(name.encode(), value.encode()) for name, value in named.items() if value]
    return {
        "type": kind,
        "method": method,
        "path": path,
        "headers": pairs,
        "client": ("127.0.0.1", 5),
        "scheme": "http",
    }


@pytest.mark.parametrize(
    ("scope", "own"),
    [
        (_scope("POST"), True),
        (_scope("POST", origin="http://127.0.0.1:7860", sec_fetch_site="same-origin"), True),
        (_scope("POST", origin="http://127.0.0.1:8000", sec_fetch_site="same-site"), False),
        (_scope("POST", origin="null"), False),
        (_scope("GET", origin="https://evil.example"), False),
        (_scope("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="image"), False),
        (_scope("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="iframe"), False),
        (_scope("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document"), True),
        (_scope("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="empty"), True),
        (_scope("GET", sec_fetch_site="cross-site", sec_fetch_mode="cors", sec_fetch_dest="empty"), False),
        (_scope("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="document"), False),
        (_scope(kind="websocket", origin="https://evil.example"), False),
        (_scope(kind="websocket", origin="http://127.0.0.1:7860", sec_fetch_site="same-origin"), True),
    ],
)
def test_only_own_pages_and_followed_links_are_answered(scope: dict[str, Any], own: bool) -> None:
    assert is_own(scope) is own


def test_a_host_that_is_missing_doubled_or_malformed_is_no_host() -> None:
    assert host_of(_scope()) == "127.0.0.1"
    assert host_of(_scope(host="LOCALHOST")) == "localhost"
    assert host_of(_scope(host="127.0.0.1:80@evil.example")) == ""
    assert host_of(_scope(host="")) == ""
    twice = _scope()
    twice["headers"].append((b"host", b"127.0.0.1"))
    assert host_of(twice) == ""


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/connexion",
        "javascript:alert(1)",
        "/a\r\nb",
        "",
    ],
)
def test_the_way_on_after_a_login_stays_on_this_page(path: str) -> None:
    assert inside(path) == "/"
    assert inside("/media/export/livre.pdf") == "/media/export/livre.pdf"


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end on a loop of its own, in a thread, since playwright keeps one running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _answer(gate: Gate, scope: dict[str, Any]) -> tuple[int, str]:
    """Status and body that a gate gives."""
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    _finish(gate(scope, receive, send))
    return told[0]["status"], b"".join(message.get("body", b"") for message in told).decode()


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that tells who it was told is there, and with which headers."""
    body = repr((current.get(), scope["scheme"], [name.decode() for name, _ in scope["headers"]])).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def test_uploads_are_bounded_by_size_and_by_the_room_on_the_disk_with_words_in_both_languages(tmp_path: Path) -> None:
    sharing = Sharing(port=7860, lan="10.0.0.7")
    assert sharing.logins is not None
    free = [UPLOAD_LOCAL + RESERVE + 1000]
    gate = Gate(_echo, sharing, tmp_path, free=lambda folder: free[0])

    def upload(owner: bool, length: str, **headers: str) -> tuple[int, str]:
        assert sharing.logins is not None
        cookie = f"paddock-7860={sharing.logins.begin(owner=owner)}"
        return _answer(gate, _scope("POST", "/gradio_api/upload", cookie=cookie, content_length=length, **headers))

    assert upload(True, str(UPLOAD_LOCAL))[0] == 200
    status, words = upload(True, str(UPLOAD_LOCAL + 1))
    assert (status, words.splitlines()[0]) == (
        413, "Fichier refusé : il dépasse 4,0 Go. Partagez l'archive en plusieurs, ou importez son dossier.",
    )  # fmt: skip
    assert upload(False, str(UPLOAD_GUEST))[0] == 200
    status, words = upload(False, str(UPLOAD_GUEST + 1))
    assert status == 413
    assert "un invité peut envoyer 512 Mo par fichier" in words.splitlines()[0]
    assert "a guest may send 512 MB per file" in words.splitlines()[1]
    free[0] = RESERVE + 5_000_000
    assert upload(True, "5000000")[0] == 200
    status, words = upload(True, "5000001")
    assert status == 507
    assert "pas assez de place sur le disque" in words
    assert upload(True, "")[0] == 411
    assert upload(True, "-1")[0] == 411
    assert upload(True, "5", transfer_encoding="chunked")[0] == 411


def test_uploads_that_are_still_coming_count_against_the_room_on_the_disk(tmp_path: Path) -> None:
    statuses: list[int] = []
    gate: Gate

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        before = gate.coming
        await receive()
        assert gate.coming == before - 600
        if scope["path"].endswith("upload"):  # while a first upload has 400 bytes to come, 700 more don't fit
            second = _scope("POST", "/gradio_api/upload/", content_length="700")
            statuses.append((await _ask(gate, second))[0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _ask(gate: Gate, scope: dict[str, Any]) -> list[int]:
        told: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"x" * 600, "more_body": True}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])

        await gate(scope, receive, send)
        return told

    gate = Gate(slow, Sharing(port=7860), tmp_path, free=lambda folder: RESERVE + 1000)
    assert _finish(_ask(gate, _scope("POST", "/gradio_api/upload", content_length="1000"))) == [200]
    assert statuses == [507]
    assert gate.coming == 0


def test_a_call_is_json_of_a_bounded_size_and_the_login_form_is_small(tmp_path: Path) -> None:
    gate = Gate(_echo, Sharing(port=7860), tmp_path)
    path = "/gradio_api/component_server/"
    json = {"content_type": "application/json"}
    assert _answer(gate, _scope("POST", path, content_length="2", **json))[0] == 200
    assert _answer(gate, _scope("POST", path, content_length="2", content_type="multipart/form-data"))[0] == 415
    assert _answer(gate, _scope("POST", path, content_length=str(33 * 10**6), **json))[0] == 413
    assert _answer(gate, _scope("POST", "/connexion", content_length=str(FORM + 1)))[0] == 413


def test_the_page_alone_on_its_machine_asks_nobody_and_a_shared_one_believes_only_the_cookie(tmp_path: Path) -> None:
    alone = Gate(_echo, Sharing(port=7860), tmp_path)
    assert "Visitor(local=True, address='127.0.0.1'" in _answer(alone, _scope())[1]
    sharing = Sharing(port=7860, share=True)
    assert sharing.logins is not None
    gate = Gate(_echo, sharing, tmp_path)
    assert _answer(gate, _scope()) == (401, _answer(gate, _scope())[1])
    assert "identifiez-vous" in _answer(gate, _scope())[1]
    guest, owner = (f"paddock-7860={sharing.logins.begin(owner=owner)}" for owner in (False, True))
    assert "local=False" in _answer(gate, _scope(cookie=guest))[1]
    assert "local=True" in _answer(gate, _scope(cookie=owner))[1]
    assert "local=True" in _answer(gate, _scope(cookie=f"paddock-7860=planted; {owner}"))[1]
    assert _answer(gate, _scope(cookie=owner.replace("7860", "7861")))[0] == 401
    assert _answer(gate, _scope(cookie=owner, host="10.0.0.7:7860"))[0] == 401  # the owner sits at the machine
    assert current.get() is NOBODY


def test_what_a_visitor_claims_about_proxies_is_not_passed_on(tmp_path: Path) -> None:
    gate = Gate(_echo, Sharing(port=7860), tmp_path)
    claims = {"x_forwarded_for": "10.1.1.1", "x_forwarded_host": "evil.example", "forwarded": "for=1", "x_real": "kept"}
    body = _answer(gate, _scope(**claims))[1]
    assert "x-forwarded" not in body
    assert "'forwarded'" not in body
    assert "x-real" in body
    assert "address='127.0.0.1'" in body


def test_a_call_that_is_marked_local_only_is_refused_to_guests_with_words() -> None:
    called = local_only(lambda service, visit, args: args["folder"])

    class Guest:
        local = False

    class Owner:
        local = True

    assert called(None, Owner(), {"folder": "/photos"}) == "/photos"  # type: ignore[arg-type]
    with pytest.raises(ChoiceError, match="that computer"):
        called(None, Guest(), {"folder": "/photos"})  # type: ignore[arg-type]
    assert Visitor(True, "127.0.0.1", "x").local
    assert not NOBODY.local
