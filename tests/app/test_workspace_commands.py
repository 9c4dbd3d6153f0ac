"""``paddock workspace``: from an import to a restored backup, with words and exit codes that say what holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import app.cli as cli
from studio.workspace import Workspace
from tests.made import saved, scene


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in arguments], env={"COLUMNS": "160", "PADDOCK_LANG": "fr"})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A workspace with one photo, imported by the command."""
    photo = saved(tmp_path / "carte" / "a.png", scene(60, 40, seed=1))
    assert run("workspace", "new", "24h", "--in", tmp_path / "ateliers").exit_code == 0
    assert run("import", photo, "--workspace", tmp_path / "ateliers" / "24h").exit_code == 0
    return tmp_path / "ateliers" / "24h"


def test_workspaces_are_listed_for_people_and_for_machines(made: Path) -> None:
    shown = run("workspace", "list", "--in", made.parent)
    assert shown.exit_code == 0
    assert "24h" in shown.output
    assert "libre" in shown.output
    (item,) = json.loads(run("workspace", "list", "--in", made.parent, "--json").stdout)
    assert (item["name"], item["photos"], item["events"], item["state"]) == ("24h", 1, 1, "free")
    beside = run("workspace", "list", "--in", made.parent / "absent")
    assert beside.exit_code == 0
    assert "Aucun espace de travail" in beside.output


def test_a_name_that_cannot_be_is_refused_with_code_2(tmp_path: Path) -> None:
    done = run("workspace", "new", "a/b", "--in", tmp_path)
    assert done.exit_code == 2
    assert "contient « / »" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_made_added_to_and_restored(made: Path, tmp_path: Path) -> None:
    first = run("workspace", "backup", tmp_path / "cle", "--workspace", made)
    assert first.exit_code == 0, first.output
    assert "1 photos, 1 fichiers" in first.stdout
    assert "dont 1 copiés cette fois" in first.stdout
    again = run("workspace", "backup", tmp_path / "cle", "--workspace", made, "--recheck", "--exports")
    assert "dont 0 copiés cette fois" in again.stdout
    done = run("workspace", "restore", tmp_path / "cle", tmp_path / "neuf")
    assert done.exit_code == 0, done.output
    head = json.loads((made / "ledger-head.json").read_text())["head"]
    assert "Restauré et vérifié" in done.stdout
    assert head in done.stdout
    assert run("audit", "verify", "--workspace", tmp_path / "neuf").exit_code == 0
    assert run("audit", "verify", "--workspace", tmp_path / "cle").exit_code == 0
    assert run("workspace", "restore", tmp_path / "cle", tmp_path / "neuf").exit_code == 2
    assert run("workspace", "restore", tmp_path / "carte", tmp_path / "x").exit_code == 2


def test_what_does_not_hold_ends_with_code_1(made: Path, tmp_path: Path) -> None:
    sound = run("workspace", "check", "--workspace", made)
    assert sound.exit_code == 0
    assert "Tout va bien." in sound.output
    run("workspace", "backup", tmp_path / "cle", "--workspace", made)
    (stored,) = (made / "store").glob("??/*")
    stored.unlink()
    broken = run("workspace", "check", "--workspace", made, "--json")
    assert broken.exit_code == 1
    said = json.loads(broken.stdout)
    assert said["holds"] is False
    assert [finding["topic"] for finding in said["findings"] if finding["level"] == "problem"] == ["ledger"]
    assert "✕" in run("workspace", "check", "--workspace", made).stdout
    backup = run("workspace", "backup", tmp_path / "autre", "--workspace", made)
    assert backup.exit_code == 1
    assert "manque dans l'espace de travail" in backup.stderr
    (tmp_path / "cle" / "store" / stored.parent.name / stored.name).unlink()
    restored = run("workspace", "restore", tmp_path / "cle", tmp_path / "neuf")
    assert restored.exit_code == 1
    assert "Restauré en partie" in restored.stdout


def test_verifying_exporting_and_tracing_work_where_nothing_can_be_written(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.workspaces.is_writable", lambda folder: False)
    opened: list[bool] = []
    real = Workspace._open_to_read.__func__  # type: ignore[attr-defined]

    def noted(cls: type[Workspace], folder: Path) -> Workspace:
        opened.append(True)
        return real(cls, folder)

    monkeypatch.setattr(Workspace, "_open_to_read", classmethod(noted))
    assert run("audit", "verify", "--workspace", made).exit_code == 0
    assert run("audit", "export", tmp_path / "dossier", "--workspace", made).exit_code == 0
    assert run("audit", "trace", tmp_path / "carte" / "a.png", "--workspace", made).exit_code == 0
    assert opened == [True] * 3


def test_verification_tells_of_a_clock_that_went_back(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.workspace._now", lambda: "2020-01-01T00:00:00.000+00:00")
    workspace = Workspace.open(made)
    workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    workspace.close()
    done = run("audit", "verify", "--workspace", made)
    assert done.exit_code == 0
    assert "· l'horloge de l'ordinateur recule entre les événements 1" in done.stdout
