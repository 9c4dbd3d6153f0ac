"""The USB key: made, checked, copied to a computer, and started there with a double click and no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.start import kit as kits
from app.start.folder import Kit, differences, find_kit, find_wheels, read_kit, this_python, this_system
from app.start.obstacle import Obstacle
from app.start.transfer import transfer
from tests.start.tiny import project, voice

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("app/__init__.py", "app/start", "app/texts", *kits.LAUNCHERS)
PAGE = "import os, sys\nprint('page', os.getcwd(), sys.argv[1:], sys.prefix)\n"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Paddock with the real launchers and installation, and a page that only says how it was called."""
    root = project(tmp_path_factory.mktemp("source") / "projet")
    for name in NEEDED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / name)
    (root / "core").mkdir()
    for path in (ROOT / "core").glob("*.py"):
        shutil.copy(path, root / "core")
    (root / "app" / "__main__.py").write_text(PAGE)
    for left in (".venv/lib", "workspaces/atelier", "logs", "__pycache__"):
        (root / left).mkdir(parents=True)
        (root / left / "left.py").touch()
    return root


@pytest.fixture
def key(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key made from it, with one model."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", (source.parent / "wheels").as_uri())
    models = tmp_path / "modèles"
    (models / "clipseg").mkdir(parents=True)
    (models / "clipseg" / "poids.safetensors").write_bytes(b"weights" * 1000)
    kits.make_kit(source, tmp_path / "clé", models, "fr")
    return tmp_path / "clé"


def test_a_key_holds_wheels_project_models_and_launchers_with_their_sums(key: Path) -> None:
    record = json.loads((key / "kit.json").read_text("utf-8"))
    paths = {entry["path"] for entry in record["files"]}
    assert {"wheels/alpha-1.0-py3-none-any.whl", "wheels/beta-2.0-py3-none-any.whl"} <= paths
    assert {"paddock/requirements.txt", "paddock/app/start/install.py", "models/clipseg/poids.safetensors"} <= paths
    assert {"Paddock.bat", "Paddock.command", "paddock.sh", "LISEZMOI.txt"} <= paths
    assert [path for path in paths if "left.py" in path] == []
    assert (record["python"], record["system"]) == (this_python(), this_system())
    assert record["bytes"] == sum(entry["bytes"] for entry in record["files"])
    assert os.access(key / "paddock.sh", os.X_OK)
    assert differences(read_kit(key)) == []


def test_a_changed_and_a_missing_file_are_named_when_a_key_is_checked(
    key: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDOCK_LANG", "fr")
    assert kits.main([str(key), "--check"]) == 0
    assert capsys.readouterr().out.startswith("Conforme : ")
    wheel = key / "wheels" / "alpha-1.0-py3-none-any.whl"
    data = bytearray(wheel.read_bytes())
    data[40] ^= 1
    wheel.write_bytes(data)
    (key / "LISEZMOI.txt").unlink()
    assert kits.main([str(key), "--check"]) == 1
    assert capsys.readouterr().out == (
        "2 fichier(s) manquent ou ont changé : LISEZMOI.txt, wheels/alpha-1.0-py3-none-any.whl\n"
    )


def test_a_key_is_not_made_over_other_files_nor_inside_the_project(source: Path, tmp_path: Path) -> None:
    (tmp_path / "vacances.jpg").touch()
    for out, problem in ((tmp_path, "kit.foreign"), (source / "usb", "kit.inside")):
        with pytest.raises(Obstacle) as refused:
            kits.make_kit(source, out, None, "fr")
        assert refused.value.key == problem
    assert [path.name for path in tmp_path.iterdir()] == ["vacances.jpg"]
    with pytest.raises(Obstacle) as refused:
        kits.make_kit(source, tmp_path / "clé", tmp_path / "absent", "fr")
    assert refused.value.key == "kit.no_models"


def test_a_record_that_leads_out_of_the_key_is_refused(tmp_path: Path) -> None:
    for path in ("../x", "/etc/x", "paddock/../../x", "C:x", "a\\b"):
        entry = {"path": path, "bytes": 1, "sha256": "0"}
        (tmp_path / "kit.json").write_text(json.dumps({"python": "3.11", "system": "linux", "files": [entry]}))
        with pytest.raises(Obstacle) as refused:
            read_kit(tmp_path)
        assert refused.value.key == "kit_damaged"


def test_wheels_are_found_in_the_project_and_beside_it(tmp_path: Path) -> None:
    root = tmp_path / "projet"
    root.mkdir()
    assert find_wheels(root) is None
    (tmp_path / "wheels").mkdir()
    assert find_wheels(root) is None, "an empty folder serves nobody"
    (tmp_path / "wheels" / "a-1-py3-none-any.whl").touch()
    assert find_wheels(root) == tmp_path / "wheels"


def test_the_project_in_version_control_gives_its_tracked_files_alone(tmp_path: Path) -> None:
    for command in (["init", "-q"], ["add", "kept.py", "été.txt"]):
        (tmp_path / "kept.py").touch()
        (tmp_path / "été.txt").touch()
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "new.py").touch()
    assert kits.project_files(tmp_path) == ["kept.py", "été.txt"]


# From the key to the computer


def _kit(key: Path) -> Kit:
    kit = find_kit(key / "paddock")
    assert kit is not None
    return kit


def test_the_copy_leaves_workspaces_alone_and_a_second_one_copies_nothing(key: Path, tmp_path: Path) -> None:
    target = tmp_path / "Paddock"
    speaking, _ = voice(tmp_path)
    transfer(_kit(key), target, speaking)
    (target / "workspaces").mkdir()
    (target / "workspaces" / "photo.jpg").write_bytes(b"mine")
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*") if path.is_file()}
    assert (target / "models/clipseg/poids.safetensors").read_bytes() == b"weights" * 1000
    transfer(_kit(key), target, speaking)
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*") if path.is_file()} == before
    (key / "paddock" / "requirements.txt").write_text("changed on the key")
    with pytest.raises(Obstacle) as refused:
        transfer(_kit(key), tmp_path / "Autre", speaking)
    assert refused.value.key == "kit_damaged"
    assert not (tmp_path / "Autre" / "requirements.txt").exists()
    speaking.close()


def test_a_folder_of_another_kind_is_not_written_into(key: Path, tmp_path: Path) -> None:
    target = tmp_path / "Paddock"
    target.mkdir()
    (target / "lettre.odt").touch()
    speaking, _ = voice(tmp_path)
    with pytest.raises(Obstacle) as refused:
        transfer(_kit(key), target, speaking)
    assert refused.value.key == "taken"
    assert [path.name for path in target.iterdir()] == ["lettre.odt"]
    speaking.close()


def _double_click(key: Path, home: Path, python: str) -> subprocess.CompletedProcess[str]:
    """paddock.sh on the key, as a file manager starts it, with one Python on the PATH and no way to any network."""
    programs = home.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / python).unlink(missing_ok=True)
    (programs / python).symlink_to(Path(sys.executable).resolve())
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(home), "LANG": "fr_FR.UTF-8"}
    environment |= {"PADDOCK_PYTHON": python, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        ["/bin/sh", str(key / "paddock.sh"), "--", "--port", "0"], cwd="/", env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_double_click_on_the_key_installs_without_a_network_and_opens_the_page(key: Path, tmp_path: Path) -> None:
    home = tmp_path / "maison"
    home.mkdir()
    first = _double_click(key, home, "python3.11-here")
    assert first.returncode == 0, first.stdout
    folder = home / "Paddock"
    assert f"Copie de Paddock depuis la clé vers « {folder} »" in first.stdout
    assert f"Installation des paquets depuis « {key / 'wheels'} », sans réseau." in first.stdout
    called = ["open", "--window", "--port", "0", "--models-dir", str(folder / "models")]
    assert f"page {folder} {called} {folder / '.venv'}" in first.stdout
    log = (key / "paddock" / "logs" / "installation.log").read_text("utf-8")
    assert "Successfully installed alpha-1.0 beta-2.0" in log
    again = _double_click(key, home, "python3.11-here")
    assert "Installation des paquets" not in again.stdout
    assert f"page {folder}" in again.stdout


def test_a_key_for_another_python_says_which_one_it_wants(key: Path, tmp_path: Path) -> None:
    record = json.loads((key / "kit.json").read_text("utf-8"))
    (key / "kit.json").write_text(json.dumps(record | {"python": "3.99"}))
    home = tmp_path / "maison"
    home.mkdir()
    done = _double_click(key, home, "python3-here")
    assert done.returncode == 2
    assert "Cette clé a été préparée pour Python 3.99" in done.stdout
    assert "Le détail est dans le journal : " in done.stdout
    assert not (home / "Paddock").exists()
