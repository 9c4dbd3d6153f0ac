"""Installing from a few wheels without a network: whole, resumed, redone, left alone."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.start import setup
from app.start.environment import STEP, Environment, fingerprint
from app.start.obstacle import Obstacle
from app.start.setup import install
from tests.start.tiny import project, voice, wheel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """(a project that was installed once, what was said meanwhile)."""
    root = project(tmp_path_factory.mktemp("fait") / "projet")
    speaking, said = voice(root)
    install(root, speaking, wheels=root.parent / "wheels")
    speaking.close()
    yield root, said.getvalue()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it, made the real way once."""
    root = tmp_path_factory.mktemp("vide")
    Environment(root).create()
    return Environment(root).folder


@pytest.fixture
def root(tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project to install; its environments are copies of the empty one, which takes a tenth of the time."""

    def create(environment: Environment) -> None:
        shutil.copytree(empty, environment.folder, symlinks=True)

    monkeypatch.setattr(Environment, "create", create)
    return project(tmp_path / "été à l'aube")


def _answers(root: Path) -> str:
    """What the two packages of the environment answer."""
    code = "import alpha, beta; print(alpha.answer, beta.answer)"
    asked = subprocess.run([Environment(root).python, "-c", code], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or asked.stderr


def _install(root: Path) -> str:
    """Install from the wheels beside the project; what was said."""
    speaking, said = voice(root)
    try:
        install(root, speaking, wheels=root.parent / "wheels")
    finally:
        speaking.close()
    return said.getvalue()


def test_a_fresh_folder_is_installed_from_the_wheels_alone(made: tuple[Path, str]) -> None:
    root, said = made
    assert _answers(root) == "1 2"
    assert "sans réseau" in said
    assert "Paquets installés 2/2" in said
    assert "L'installation est terminée." in said
    assert Environment(root).installed() == {"inputs": fingerprint(root), "folder": str(root)}
    log = (root / "logs" / "installation.log").read_text("utf-8")
    assert "--no-index --find-links" in log
    assert "Successfully installed alpha-1.0 beta-2.0" in log


def test_the_stamp_is_respected_and_made_newer_than_the_requirements(
    made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = made

    def never(*_: object, **__: object) -> None:
        raise AssertionError("pip was called")

    monkeypatch.setattr(setup, "pip_install", never)
    os.utime(root / "requirements.txt")
    assert _install(root) == ""
    assert Environment(root).stamp.stat().st_mtime >= (root / "requirements.txt").stat().st_mtime


def test_a_changed_requirement_is_installed_without_making_the_environment_again(root: Path) -> None:
    _install(root)
    kept = Environment(root).folder / "kept"
    kept.touch()
    wheel(root.parent / "wheels", "gamma", "3.0", {"gamma.py": "answer = 3\n"})
    (root / "requirements.txt").write_text("alpha==1.0\nbeta==2.0\ngamma==3.0\n")
    assert "L'installation est terminée." in _install(root)
    assert kept.exists()
    code = "import gamma; print(gamma.answer)"
    assert subprocess.run([Environment(root).python, "-c", code], capture_output=True, text=True).stdout == "3\n"


def test_a_moved_folder_works_again_without_wheels_or_network(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(root)
    moved = root.parent / "ailleurs"
    root.rename(moved)
    shutil.rmtree(root.parent / "wheels")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    speaking, _ = voice(moved)
    install(moved, speaking)
    speaking.close()
    assert _answers(moved) == "1 2"
    (path,) = Environment(moved).folder.glob("lib/*/site-packages/tiny_project.pth")
    assert path.read_text().strip() == str(moved)


def test_half_an_installation_is_made_again_and_not_taken_for_whole(root: Path) -> None:
    _install(root)
    environment = Environment(root)
    # As a kill in the middle of pip's writing leaves it: the package is named as installed, its file is not there.
    (beta,) = environment.folder.glob("lib/*/site-packages/beta.py")
    beta.unlink()
    environment.mark("installing")
    assert environment.half()
    said = _install(root)
    assert "elle est refaite" in said
    assert _answers(root) == "1 2"
    assert not (environment.folder / STEP).exists()


def test_a_folder_that_venv_had_only_begun_is_made_again(root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    assert "elle est refaite" in _install(root)
    assert _answers(root) == "1 2"


def test_an_environment_whose_python_has_gone_is_made_again(root: Path) -> None:
    _install(root)
    python = Environment(root).python
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "elle est refaite" in _install(root)
    assert _answers(root) == "1 2"


@pytest.mark.slow
def test_an_installation_killed_while_it_writes_is_made_again(root: Path) -> None:
    many = {f"heavy/part_{n}.py": f"part = {n}\n" for n in range(3000)} | {"heavy/__init__.py": ""}
    wheel(root.parent / "wheels", "heavy", "1.0", many)
    (root / "requirements.txt").write_text("alpha==1.0\nbeta==2.0\nheavy==1.0\n")
    code = (
        "import sys; from pathlib import Path; from app.start.setup import install; from app.start.voice import Voice\n"
        "root = Path(sys.argv[1]); install(root, Voice('fr', root), wheels=root.parent / 'wheels')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    Environment(root).create()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(root)], env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )
    step = root / ".venv" / STEP
    for _ in range(12000):
        if process.poll() is not None or (step.is_file() and step.read_text() == "installing"):
            break
        time.sleep(0.01)
    process.kill()  # this process alone: its pip goes on without it
    process.wait()
    assert step.read_text() == "installing", "it was killed in the middle"
    for _ in range(600):
        try:
            said = _install(root)
            break
        except Obstacle as obstacle:
            assert obstacle.key == "busy", obstacle.message("fr")
            time.sleep(0.2)
    assert "elle est refaite" in said
    assert _answers(root) == "1 2"
    parts = list(Environment(root).folder.glob("lib/*/site-packages/heavy/part_*.py"))
    assert len(parts) == 3000


def test_two_windows_do_not_fill_one_environment(root: Path) -> None:
    with setup._alone(root), pytest.raises(Obstacle) as refused:
        _install(root)
    assert refused.value.key == "busy"
    assert "dans une autre fenêtre" in refused.value.message("fr")


def test_without_a_network_and_without_wheels_it_says_so_and_goes_on_the_next_time(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    speaking, said = voice(root)
    with pytest.raises(Obstacle) as refused:
        install(root, speaking)
    speaking.close()
    assert refused.value.key == "failed.network"
    assert "Branchez l'ordinateur au réseau" in refused.value.message("fr")
    assert "Le réseau ne répond pas ; nouvel essai" in said.getvalue()
    assert not Environment(root).half()
    assert "elle est refaite" not in _install(root)
    assert _answers(root) == "1 2"


def test_a_kit_that_lacks_a_package_names_it(root: Path) -> None:
    (root / "requirements.txt").write_text("alpha==1.0\nmissing-piece==4.0\n")
    with pytest.raises(Obstacle) as refused:
        _install(root)
    assert refused.value.key == "failed.kit_lacks"
    assert "« missing-piece==4.0 »" in refused.value.message("fr")


def test_contrib_s_files_are_put_back_when_another_package_overwrote_them(root: Path, tmp_path: Path) -> None:
    root = project(tmp_path / "autre" / "projet", "plain-cv==1.0\nopencv-contrib-python-headless==5.0\n")
    wheels = root.parent / "wheels"
    whole = {"cv2/__init__.py": "class xphoto:\n    inpaint = createSimpleWB = 1\n"}
    wheel(wheels, "opencv-contrib-python-headless", "5.0", whole)
    plain = {"cv2/__init__.py": "class xphoto: pass\n"}
    wheel(wheels, "plain-cv", "1.0", plain, requires=("opencv-contrib-python-headless",))
    _install(root)
    log = (root / "logs" / "installation.log").read_text("utf-8")
    assert "--force-reinstall opencv-contrib-python-headless==5.0" in log, "the plain one was written last"
    asked = subprocess.run([Environment(root).python, "-c", setup.CONTRIB_IS_THERE], check=False)
    assert asked.returncode == 0


def test_ctrl_c_ends_it_with_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = project(tmp_path / "projet")
    monkeypatch.setattr(setup, "ROOT", root)
    monkeypatch.setenv("PADDOCK_LANG", "fr")

    def interrupted(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    monkeypatch.setattr(setup, "install", interrupted)
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert setup.main([]) == 130
    assert "elle reprendra proprement" in out.getvalue()
