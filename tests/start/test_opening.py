"""The page that a launcher opens: its words are kept, its end is understood, a second start shows the first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.start.environment import Environment
from app.start.opening import open_page, page_command
from app.start.running import NOTE, note_address, running_address
from tests.start.tiny import voice


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder whose environment is this Python, and whose page is written by the test."""
    root = tmp_path / "Paddock"
    (root / "app" / "page").mkdir(parents=True)
    (root / "app" / "__init__.py").touch()
    python = Environment(root).python
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return root


@pytest.fixture
def other() -> Iterator[tuple[str, dict[str, str]]]:
    """(address of a page that answers, what its manifest says)."""
    said = {"short_name": "Paddock"}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", said
    server.shutdown()
    server.server_close()


def _open(root: Path, page: str, *arguments: str) -> tuple[int, str]:
    """(exit code, what was said) of a page with this source."""
    (root / "app" / "__main__.py").write_text(page)
    speaking, said = voice(root)
    code = open_page(Environment(root), speaking, None, list(arguments))
    speaking.close()
    return code, said.getvalue()


def test_a_page_that_ends_on_an_error_keeps_its_reason_in_the_log(root: Path) -> None:
    code, said = _open(root, "import sys\nprint('la raison')\nsys.exit(4)\n")
    assert (code, said) == (4, "la raison\n")
    assert "la raison\n" in (root / "logs" / "installation.log").read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_page_that_a_person_ended_is_no_error(root: Path, number: signal.Signals) -> None:
    page = f"import os, signal\nsignal.signal({int(number)}, signal.SIG_DFL)\nos.kill(os.getpid(), {int(number)})\n"
    assert _open(root, page) == (0, "")


def test_the_log_holds_nothing_that_lets_a_visitor_in(root: Path) -> None:
    lines = [
        "Paddock est prêt : http://127.0.0.1:7861/entrer?cle=secret", "Mot de passe : abcde-fghij-kmnpq",
        "Password: abcde-fghij-kmnpq", "█▀▀▄ ▀█", "une ligne ordinaire",
    ]  # fmt: skip
    code, said = _open(root, f"print({chr(10).join(lines)!r})\n", "--password", "tressecretement")
    assert (code, said) == (0, "\n".join(lines) + "\n")
    log = (root / "logs" / "installation.log").read_text("utf-8")
    assert "une ligne ordinaire" in log
    assert "--password …" in log
    for secret in ("secret", "abcde", "█"):
        assert secret not in log


def test_the_address_is_noted_while_the_page_runs_with_the_owner_s_key_for_this_account_only(root: Path) -> None:
    line = "Paddock est prêt : http://127.0.0.1:7861/entrer?cle=secret   (Ctrl+C pour arrêter)"
    assert note_address(root, line)
    assert (root / NOTE).read_text() == "http://127.0.0.1:7861/entrer?cle=secret"
    if os.name == "posix":
        assert (root / NOTE).stat().st_mode & 0o777 == 0o600
    assert not note_address(root, "Paddock démarre")
    code, said = _open(root, f"print({line!r})\n", "--port", "7861")
    assert (code, said) == (0, f"{line}\n")
    assert not (root / NOTE).exists(), "forgotten when it ended"


def test_a_second_start_shows_the_page_that_runs(root: Path, other: tuple[str, dict[str, str]]) -> None:
    address, _ = other
    note_address(root, address)
    (root / "app" / "__init__.py").touch()
    (root / "app" / "page" / "__init__.py").touch()
    shown = root / "shown"
    source = f"def open_address(address, *, window):\n    open({str(shown)!r}, 'w').write(f'{{address}} {{window}}')\n"
    (root / "app" / "page" / "browser.py").write_text(source)
    code, said = _open(root, "raise SystemExit(9)\n")
    assert code == 0
    assert f"Paddock tourne déjà à l'adresse {address}" in said
    assert shown.read_text() == f"{address} True"
    assert _open(root, "raise SystemExit(9)\n", "--port", "7999")[0] == 9, "asked for another page: it is started"


def test_what_else_answers_at_a_noted_address_is_not_taken_for_paddock(
    root: Path, other: tuple[str, dict[str, str]]
) -> None:
    address, said = other
    note_address(root, address)
    assert running_address(root) == address
    said["short_name"] = "Autre"
    assert running_address(root) is None
    note_address(root, "http://127.0.0.1:9/")
    assert running_address(root) is None, "nobody answers"
    (root / NOTE).write_text("http://example.org/")
    assert running_address(root) is None


def test_models_beside_the_project_are_named_unless_the_person_has_said_where_they_are(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PADDOCK_MODELS", raising=False)
    environment, key = Environment(root), tmp_path / "key"
    start = [str(environment.python), "-m", "app", "open", "--window"]
    assert page_command(environment, key, []) == start
    key.mkdir()
    assert page_command(environment, key, []) == [*start, "--models-dir", str(key)]
    (root / "models").mkdir()
    assert page_command(environment, key, ["--port", "1"])[-2:] == ["--models-dir", str(root / "models")]
    monkeypatch.setenv("PADDOCK_MODELS", "/elsewhere")
    assert page_command(environment, key, []) == start


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_waits_for_the_page_to_close_what_it_has_open(root: Path) -> None:
    page = (
        "import os, signal, sys, time\n"
        "def end(*_):\n    time.sleep(0.3); print('fermé'); sys.exit(0)\n"
        "signal.signal(signal.SIGINT, end)\nprint('prêt', flush=True)\n"
        "os.kill(os.getppid(), signal.SIGINT); os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(20)\n"
    )
    (root / "app" / "__main__.py").write_text(page)
    code = (
        "import sys; from pathlib import Path; from app.start.environment import Environment\n"
        "from app.start.opening import open_page; from app.start.voice import Voice\n"
        "root = Path(sys.argv[1]); sys.exit(open_page(Environment(root), Voice('fr', root), None, []))"
    )
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, "-c", code, str(root)], env=variables, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "prêt\nfermé\n"), done.stderr
