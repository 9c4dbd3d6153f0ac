"""Attacks on a real served page: what a stranger's website, a guest, or someone on the network may try."""

from __future__ import annotations

import html
import http.client
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from PIL import Image

from tests.page.attacked import (
    CALL,
    PASSWORD,
    call,
    ended_job,
    frame_id,
    multipart,
    raw,
)
from tests.page.served import Serving

pytestmark = pytest.mark.slow


# A stranger's website in the same browser


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1@evil", "10.0.0.1"]
)
def test_a_foreign_host_header_is_refused_for_everything(alone: str, host: str) -> None:
    for method, target in (("GET", "/"), ("GET", "/config"), ("GET", "/static/fonts/Inter-Bold.woff2"), ("POST", CALL)):
        assert raw(alone, method, target, {"Host": host})[0] in (400, 421)


def test_the_machine_s_own_names_are_answered(alone: str) -> None:
    port = urlsplit(alone).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST"):
        assert raw(alone, "GET", "/", {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "foreign", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_site_can_neither_call_nor_upload_nor_read_nor_listen(alone: str, foreign: dict[str, str]) -> None:
    kind, body = multipart("x.png", b"x")
    assert raw(alone, "POST", "/gradio_api/upload", {**kind, **foreign}, body)[0] == 403
    assert raw(alone, "POST", CALL, {"Content-Type": "text/plain", **foreign}, b"{}")[0] == 403
    for target in ("/config", "/gradio_api/queue/data?session_hash=s", "/gradio_api/heartbeat/s", "/media/thumb/x.jpg"):
        status, headers, _ = raw(alone, "GET", target, foreign)
        assert status == 403
        assert "access-control-allow-origin" not in headers


def test_a_preflight_of_another_site_allows_it_nothing(alone: str) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    status, headers, _ = raw(alone, "OPTIONS", CALL, asked)
    assert status == 403
    assert not any(name.startswith("access-control") for name in headers)


def test_web_sockets_are_refused_whoever_asks(alone: str) -> None:
    key = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "eA=="}
    own = alone.rstrip("/")
    for origin in (own, "https://evil.example"):
        for target in ("/gradio_api/queue/join", "/"):
            status = raw(alone, "GET", target, {**key, "Origin": origin})[0]
            assert status != 101
            assert status in (403, 404) or (status == 200 and origin == own and target == "/")  # no web socket library


def test_the_page_can_t_be_framed_by_another_site_and_types_are_not_guessed(alone: str) -> None:
    headers = raw(alone, "GET", "/")[1]
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


# Files and private ways in


@pytest.mark.parametrize(
    "target",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file={workspace}/paddock.db",
        "/gradio_api/file={workspace}/ledger-head.json",
        "/gradio_api/file/{workspace}/paddock.db",
        "/file=/etc/passwd",
        "/gradio_api/file%3D/etc/passwd",
        "/gradio_api/%66ile=/etc/passwd",
        "//gradio_api/file=/etc/passwd",
        "/static/../gradio_api/file=/etc/passwd",
        "/static/fonts/../../../paddock.db",
        "/static/fonts/..%2f..%2f..%2fREADME.md",
        "/static/..%2f..%2f..%2f..%2f..%2fetc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc/passwd",
        "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/media/export/..%2fpaddock.db",
        "/media/export/../paddock.db",
        "/media/export/%2e%2e%2fpaddock.db",
        "/media/export/..%5cpaddock.db",
        "/media/export/..%252fpaddock.db",
        "/media/style/..%2f..%2fpaddock.db",
        "/media/file/..%2f..%2fpaddock.db/x",
        "/media/file/{zeros}/x",
        "/media/thumb/..%2f..%2fpaddock.db.jpg",
        "/media/shared/paddock.db",
        "/icons/..%2fserver.py",
        "/gradio_api/proxy=http://127.0.0.1:1/",
        "/gradio_api/custom_component/0/client/x/..%2f..%2fetc/passwd",
        "/svelte/..%2f..%2fetc/passwd",
        "/gradio_api/stream/s/0/0/playlist.m3u8",
        "/gradio_api/info",
        "/gradio_api/openapi.json",
        "/gradio_api/runs",
        "/gradio_api/deep_link",
        "/gradio_api/token",
        "/monitoring/summary",
        "/docs",
        "/login",
    ],
)
def test_nothing_is_served_but_the_page_and_known_files(alone: str, shared_workspace: Path, target: str) -> None:
    folder = shared_workspace.with_name("seul")
    assert (folder / "paddock.db").is_file()
    status, _, body = raw(alone, "GET", target.format(workspace=folder, zeros="0" * 64))
    assert status in (400, 404)
    assert b"root:" not in body
    assert b"SQLite" not in body


def test_an_uploaded_file_and_the_workspace_s_database_are_not_served_by_their_paths(
    owner: httpx.Client, guest: httpx.Client, shared_workspace: Path
) -> None:
    assert (shared_workspace / "paddock.db").is_file()
    (path,) = owner.post("/gradio_api/upload", files={"files": ("notes.txt", b"nobody else's")}).json()
    assert Path(path).read_bytes() == b"nobody else's"
    for client in (owner, guest):
        for wanted in (path, str(shared_workspace / "paddock.db"), str(shared_workspace / "ledger-head.json")):
            for way in ("/gradio_api/file=", "/gradio_api/file/", "/file=", "/media/export/", "/media/shared/"):
                assert client.get(f"{way}{wanted}").status_code == 404
    told = call(guest, "add_styles", files=[{"path": str(shared_workspace / "paddock.db"), "name": "a.jpg"}])
    assert "n'a pas été déposé sur cette page" in told["error"]


def test_private_handlers_can_t_be_called_by_number_or_by_another_name(owner: httpx.Client) -> None:
    number = frame_id(owner)
    for way in ("queue/join", "run/predict", "api/predict", "call/predict", "call/v2/predict", "cancel", "reset"):
        for fn_index in (0, 1):
            body = {"fn_index": fn_index, "data": [], "session_hash": "s", "event_id": "e"}
            assert owner.post(f"/gradio_api/{way}", json=body).status_code == 404
    for way in ("process_recording", "vibe-edit", "vibe-code/", "stream/x", "run-history/connect", "profiling/clear"):
        assert owner.post(f"/gradio_api/{way}", json={}).status_code == 404
    for name in ("__init__", "get_config", "preprocess", "postprocess", "__class__", "render", "change", "server_fns"):
        body = {"data": {}, "component_id": number, "fn_name": name, "session_hash": "s"}
        assert owner.post(CALL, json=body).status_code == 404
    for other in range(number + 1, number + 9):
        body = {"data": {"method": "boot"}, "component_id": other, "fn_name": "call", "session_hash": "s"}
        assert owner.post(CALL, json=body).status_code in (404, 500)
    assert "unknown call" in call(owner, "__class__")["error"]


def test_other_methods_than_reading_and_sending_are_not_answered(alone: str) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"):
        assert raw(alone, method, "/")[0] in (400, 404)


# Passwords, cookies, keys


def test_without_a_login_nothing_but_the_login_is_answered(shared: Serving, outside: str) -> None:
    for address in (shared.address, outside):  # this machine too: the public link's visitors arrive from it
        for target in (
            "/config",
            "/theme.css",
            "/assets/x.js",
            "/media/thumb/0.jpg",
            "/media/shared/x",
            "/gradio_api/app_id",
        ):
            assert raw(address, "GET", target)[0] == 401
        kind, body = multipart("x.png", b"x")
        assert raw(address, "POST", "/gradio_api/upload", kind, body)[0] == 401
        assert raw(address, "POST", CALL, {"Content-Type": "application/json"}, b"{}")[0] == 401
        status, headers, _ = raw(address, "GET", "/", {"Accept": "text/html"})
        assert (status, headers["location"]) == (303, "/connexion?next=/")
        for open_to_all in ("/connexion", "/static/fonts/Inter-Regular.woff2", "/manifest.webmanifest", "/sw.js"):
            assert raw(address, "GET", open_to_all)[0] == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "0" * 43, "' OR 1=1 --", "../../etc", "é", "a" * 5000], ids=lambda value: value[:9] or "empty"
)
def test_a_forged_cookie_is_no_login(outside: str, cookie: str) -> None:
    port = urlsplit(outside).port
    headers = {"Cookie": f"paddock-{port}={cookie}".encode().decode("latin-1")}
    assert raw(outside, "GET", "/config", headers)[0] == 401


def test_a_cookie_that_a_stranger_planted_before_the_login_is_never_the_login(outside: str) -> None:
    name = f"paddock-{urlsplit(outside).port}"
    planted = {"Cookie": f"{name}=planted-by-a-stranger"}
    form = urlencode({"password": PASSWORD}).encode()
    status, headers, _ = raw(outside, "POST", "/connexion", planted, form)
    assert status == 303
    given = headers["set-cookie"]
    assert "planted" not in given
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    assert "Max-Age=43200" in given
    assert raw(outside, "GET", "/config", planted)[0] == 401
    # A second login ends the first: its token is worth nothing any more.
    first = {"Cookie": given.split(";")[0]}
    assert raw(outside, "GET", "/config", first)[0] == 200
    second = {"Cookie": raw(outside, "POST", "/connexion", first, form)[1]["set-cookie"].split(";")[0]}
    assert raw(outside, "GET", "/config", first)[0] == 401
    assert raw(outside, "GET", "/config", second)[0] == 200
    status, headers, _ = raw(outside, "POST", "/deconnexion", second)
    assert (status, headers["location"]) == (303, "/connexion")
    assert raw(outside, "GET", "/config", second)[0] == 401


def test_a_link_can_t_log_anyone_out_or_in(outside: str, guest: httpx.Client) -> None:
    assert guest.get("/deconnexion").status_code == 404
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert guest.post("/deconnexion", headers=foreign).status_code == 403
    assert guest.post("/connexion", data={"password": PASSWORD}, headers=foreign).status_code == 403
    assert guest.get("/config").status_code == 200


@pytest.mark.parametrize(
    "way", ["//evil.example", "https://evil.example/", "/\\evil.example", "/\tevil", "javascript:alert(1)"]
)
def test_the_login_leads_to_no_other_site(outside: str, way: str) -> None:
    body = urlencode({"password": PASSWORD, "next": way}).encode()
    status, headers, _ = raw(outside, "POST", "/connexion", {}, body)
    assert (status, headers["location"]) == (303, "/")
    shown = raw(outside, "GET", f"/connexion?{urlencode({'next': way})}")[2].decode()
    assert "evil" not in shown
    assert "alert" not in shown


def test_what_is_given_to_the_login_page_is_never_markup(outside: str) -> None:
    script = '"><script>alert(1)</script>'
    shown = raw(outside, "GET", f"/connexion?{urlencode({'next': script, 'lang': script})}")[2]
    assert b"<script" not in shown


def test_a_guest_s_way_in_is_not_the_owner_s_and_an_owner_s_from_another_start_opens_nothing(
    shared: Serving, outside: str, alone: str, guest: httpx.Client, owner: httpx.Client
) -> None:
    told = call(owner, "sharing")["value"]
    assert (told["mode"], told["local"], told["address"], told["password"]) == ("lan", True, outside, PASSWORD)
    assert call(guest, "sharing")["value"] == {
        "mode": "lan", "local": False, "login": True, "expires_at": None, "state": "open",
    }  # fmt: skip
    assert call(guest, "boot")["value"]["models_dir"] == ""
    # The owner's key counts at the machine only, and the guest's cookie does not become the owner's there.
    key = shared.door.partition("cle=")[2]
    headers = raw(outside, "GET", f"/entrer?cle={key}")[1]
    assert raw(outside, "GET", "/config", {"Cookie": headers["set-cookie"].split(";")[0]})[0] == 401
    guests = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    with httpx.Client(base_url=shared.address, headers={"cookie": guests}, timeout=60) as moved:
        assert call(moved, "sharing")["value"]["local"] is False
    # Keys are new at each start.
    old = "A" * len(key)
    assert raw(outside, "GET", f"/entrer?cle={old}")[0] == 401
    assert raw(alone, "GET", "/connexion")[0] == 303


def test_a_guest_may_not_name_folders_of_the_machine_and_the_owner_may(
    guest: httpx.Client, owner: httpx.Client, tmp_path: Path
) -> None:
    assert "dossiers de l'ordinateur où tourne Paddock" in call(guest, "evaluate", folder=str(tmp_path))["error"]
    assert "dossiers de l'ordinateur où tourne Paddock" in call(guest, "evaluate", folder="/")["error"]
    failed = ended_job(owner, call(owner, "evaluate", folder=str(tmp_path))["value"]["job"])
    assert failed["state"] == "failed"
    assert tmp_path.name in failed["message"]
    samples = call(guest, "boot")["value"]["evaluation_samples"]
    started = call(guest, "evaluate", folder=samples)["value"]["job"]
    assert call(guest, "cancel", id=started)["value"] is True


# What is sent


def test_a_body_that_is_too_large_or_of_unknown_size_is_refused_before_it_is_sent(alone: str) -> None:
    kind = multipart("x", b"")[0]
    for length in (4 * 10**9 + 1, 10**14):
        status, _, body = raw(alone, "POST", "/gradio_api/upload", {**kind, "Content-Length": str(length)})
        assert (status, body.decode().split(".")[0]) == (413, "Fichier refusé : il dépasse 4,0 Go")
    assert raw(alone, "POST", "/gradio_api/upload", {**kind, "Transfer-Encoding": "chunked"}, b"0\r\n\r\n")[0] == 411
    json_ = {"Content-Type": "application/json", "Content-Length": str(33 * 10**6)}
    assert raw(alone, "POST", CALL, json_)[0] == 413
    assert raw(alone, "POST", "/gradio_api/upload", {**kind, "Content-Length": "-5"})[0] in (400, 411)


def test_a_guest_s_file_is_bounded_more_tightly(guest: httpx.Client, outside: str) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    kind = {**multipart("x", b"")[0], "Cookie": cookie}
    status, _, body = raw(outside, "POST", "/gradio_api/upload", {**kind, "Content-Length": str(512 * 10**6 + 1)})
    assert status == 413
    assert "un invité peut envoyer 512 Mo par fichier" in body.decode()


def _bomb(side: int) -> bytes:
    """A PNG of side × side grey pixels that is a few kilobytes long."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_html_that_is_called_png_and_a_small_file_of_169_megapixels_are_refused_with_words_and_the_good_one_is_in(
    guest: httpx.Client, tmp_path: Path
) -> None:
    Image.new("RGB", (80, 60), (10, 120, 60)).save(tmp_path / "bonne.jpg")
    bomb = _bomb(13_000)
    assert len(bomb) < 100_000
    dropped = {
        "page.png": b"<!doctype html><script>alert(1)</script>", "bombe.png": bomb,
        "bonne.jpg": (tmp_path / "bonne.jpg").read_bytes(),
    }  # fmt: skip
    files = []
    for name, data in dropped.items():
        (path,) = guest.post("/gradio_api/upload", files={"files": (name, data)}).json()
        files.append({"path": path, "name": name})
    begun = time.monotonic()
    ended = ended_job(guest, call(guest, "import", files=files)["value"]["job"])
    assert time.monotonic() - begun < 60
    errors = "\n".join(ended["errors"])
    assert "« page.png » ne s'ouvre pas" in errors or "« page.png » n'est pas d'un format accepté" in errors
    assert "« bombe.png » annonce 169" in errors
    assert ended["result"]["added"] == 1
    photos = call(guest, "changes", after=0)["value"]["photos"]
    assert [photo["name"] for photo in photos] == ["bonne.jpg"]


def test_names_that_are_paths_or_markup_stay_names(guest: httpx.Client, shared_workspace: Path) -> None:
    for name in ("../../evil.jpg", "..\\evil.jpg", "/etc/evil.jpg", "<img src=x onerror=alert(1)>.jpg"):
        (path,) = guest.post("/gradio_api/upload", files={"files": (name, b"x")}).json()
        assert Path(path).resolve().is_relative_to((shared_workspace / "tmp").resolve())


# Guessing passwords


def _attempt(address: str, source: str, password: str = "mauvais essai") -> tuple[int, str, str]:
    """(status, Retry-After, words) of a try from one of this machine's loopback addresses."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60, source_address=(source, 0))
    connection.request("POST", "/connexion", urlencode({"password": password}), {"Accept-Language": "fr"})
    answer = connection.getresponse()
    told = (answer.status, answer.getheader("Retry-After", ""), html.unescape(answer.read().decode()))
    connection.close()
    return told


def test_passwords_can_be_tried_a_few_times_only_and_the_key_still_opens(shared: Serving, outside: str) -> None:
    source = "127.0.0.4"
    assert [_attempt(outside, source)[0] for _ in range(5)] == [401] * 5
    status, wait, words = _attempt(outside, source, PASSWORD)  # the right one is not even looked at
    assert status == 429
    assert 1 <= int(wait) <= 30
    assert "Trop d'essais. Attendez 1 min" in words
    assert _attempt(outside, "127.0.0.5", PASSWORD)[0] == 303
    assert raw(shared.address, "GET", shared.door.replace(shared.address, "/"))[0] == 200


def test_tries_that_are_sent_together_do_not_share_one_answer(outside: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        statuses = threads.map(lambda number: _attempt(outside, "127.0.0.3")[0], range(20))
        assert sorted(statuses) == [401] * 5 + [429] * 15
