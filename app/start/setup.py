"""One way to install, for ``make setup`` and for a double click: check, make ``.venv``, fill it, say so."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.start import checks
from app.start.environment import Environment, fingerprint
from app.start.folder import MODELS, find_kit, find_wheels, this_python, this_system
from app.start.language import system_language
from app.start.obstacle import Obstacle
from app.start.opening import open_page
from app.start.packages import expected, pip_install
from app.start.pythons import find_python
from app.start.transfer import transfer
from app.start.voice import Voice

ROOT = Path(__file__).resolve().parents[2]
EXIT_OBSTACLE = 2
CONTRIB = "opencv-contrib-python-headless"
CONTRIB_IS_THERE = "import cv2; cv2.xphoto.inpaint; cv2.xphoto.createSimpleWB"


def main(arguments: list[str]) -> int:
    """Install, and with --open open the page. Exit code: 0, the page's own, or 2 with the reason in words."""
    asked = _parser().parse_args(arguments)
    voice = Voice(system_language(), ROOT)
    try:
        return _run(asked, arguments, voice)
    except Obstacle as obstacle:
        voice.plain("")
        voice.plain(obstacle.message(voice.language))
        voice.say("start.log", log=voice.log)
        return EXIT_OBSTACLE
    except KeyboardInterrupt:
        voice.say("start.interrupted")
        return 130
    finally:
        voice.close()


def install(root: Path, voice: Voice, *, wheels: Path | None = None) -> Environment:
    """Bring ``root/.venv`` to what requirements.txt asks, from ``wheels`` alone when given. Raises Obstacle.

    What is whole already is left alone; what a stop left half is made again.
    """
    checks.check_folder(root)
    environment, inputs = Environment(root), fingerprint(root)
    if environment.ready(inputs):
        os.utime(environment.stamp)  # newer than the requirements: make need not ask again
        return environment
    with _alone(root):
        if environment.folder.exists() and (environment.half() or not environment.runs()):
            voice.say("start.again")
            environment.remove()
        fresh = not environment.folder.exists()
        checks.check_room(root, checks.NEEDED if fresh else checks.NEEDED_AGAIN, voice.language)
        if fresh:
            checks.check_python()
            voice.say("start.environment", folder=environment.folder)
            environment.create()
        if environment.installed().get("inputs") != inputs:
            voice.say("start.from_wheels" if wheels else "start.from_network", folder=wheels)
            pip_install(
                environment, voice, wheels, "-r", "requirements.txt", "-c", "constraints.txt", total=expected(root)
            )
            _restore_contrib(environment, voice, wheels)
        pip_install(environment, voice, wheels, "--no-deps", "--no-build-isolation", "-e", ".")
        environment.finish(inputs)
        voice.say("start.installed")
    return environment


def _restore_contrib(environment: Environment, voice: Voice, wheels: Path | None) -> None:
    """Another package brings the plain OpenCV wheel, which overwrites contrib's files: put contrib's back."""
    lines = (environment.root / "requirements.txt").read_text("utf-8").splitlines()
    pinned = next((line for line in lines if line.startswith(CONTRIB)), None)
    if pinned is None:
        return
    tried = subprocess.run([environment.python, "-c", CONTRIB_IS_THERE], capture_output=True, check=False)
    if tried.returncode != 0:
        pip_install(environment, voice, wheels, "--no-deps", "--force-reinstall", pinned)


def _run(asked: argparse.Namespace, arguments: list[str], voice: Voice) -> int:
    root, models = ROOT, None
    kit = find_kit(ROOT)
    wheels = Path(asked.wheels).resolve() if asked.wheels else find_wheels(ROOT)
    if kit and wheels and kit.system != this_system():
        voice.say("start.other_system", kit=kit.system, here=this_system())
        wheels = None
    if kit and wheels and kit.python != this_python():
        other = find_python(kit.python)
        if other is None:
            raise Obstacle("kit_python", wanted=kit.python, found=this_python())
        return subprocess.call([*other, str(ROOT / "app" / "start" / "install.py"), *arguments])
    if kit and not asked.here:
        root = transfer(kit, Path(asked.to or Path.home() / "Paddock").expanduser().resolve(), voice)
        models = kit.folder / MODELS
    environment = install(root, voice, wheels=wheels)
    if not asked.open:
        voice.say("start.ready", folder=root)
        return 0
    code = open_page(environment, voice, models, asked.page)
    if code != 0:
        voice.say("start.page_ended", code=code)
        voice.say("start.log", log=voice.log)
    return code


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two windows must not fill one environment: the second is told so. The system lifts the lock with the process."""
    folder = root / "logs"
    folder.mkdir(exist_ok=True)
    with (folder / "installation.lock").open("w") as stream:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Obstacle("busy", folder=root) from error
        os.set_inheritable(stream.fileno(), True)  # pip holds it too: it may outlive a window that is closed hard
        yield


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="install.py", description="Installe Paddock · Installs Paddock")
    parser.add_argument("--open", action="store_true", help="puis ouvrir la page · then open the page")
    parser.add_argument("--wheels", help="dossier de paquets, sans réseau · folder of wheels, no network")
    parser.add_argument("--to", help="depuis une clé : où installer · from a key: where to install")
    parser.add_argument("--here", action="store_true", help="depuis une clé : sur la clé même · on the key itself")
    parser.add_argument("page", nargs="*", help="pour « paddock open » (après --) · for paddock open (after --)")
    return parser
