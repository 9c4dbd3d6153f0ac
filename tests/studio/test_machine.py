"""What is said of this computer is true, each lack has its words and its remedy, and the estimates scale."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from app.machine_words import estimate_row, look, say, size, title
from app.texts import LANGUAGES, table
from core.errors import Cancelled
from core.settings import Settings
from studio import estimates as figures
from studio.backup import backup_workspace
from studio.desk import CODE, Desk
from studio.estimates import KINDS, Estimate, estimate, estimates, reference
from studio.importing import import_photos
from studio.machine import Fact, children, deep, disks, facts, models, parts, ready, system
from studio.machine.children import Answer
from studio.machine.facts import newest_event

GB = 10**9


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fact]:
    """This computer as it is, with an empty folder as workspace."""
    settings = Settings(workspace=tmp_path_factory.mktemp("doctor") / "not-yet")
    return {fact.id: fact for fact in facts(settings)}


def test_the_facts_are_those_of_this_computer(found: dict[str, Fact]) -> None:
    assert found["python"].values["version"] == ".".join(map(str, sys.version_info[:3]))
    assert found["cores"].values["logical"] == os.cpu_count()
    assert 1 <= found["cores"].values["usable"] <= (os.cpu_count() or 1)
    assert found["memory"].values["total_bytes"] == psutil.virtual_memory().total
    usage = shutil.disk_usage(CODE)
    assert found["disk_project"].values["total_bytes"] == usage.total
    assert abs(found["disk_project"].values["free_bytes"] - usage.free) < 5 * GB
    assert found["cv2"].variant == "good"
    assert found["library.torch"].values["version"].startswith("2.")
    assert found["model.triage-lite0"].variant == "present"
    assert found["model.clipseg"].state in ("note", "good")
    assert ready(found.values())


def test_looking_leaves_nothing_behind_and_makes_no_workspace(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "atelier" / "neuf", models=tmp_path)
    facts(settings)
    estimates(settings, units_per_second=reference().units_per_second)
    assert list(tmp_path.iterdir()) == []


# Lacks


def test_an_opencv_without_contrib_is_missing_and_the_remedy_names_the_pinned_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = tmp_path / "cv2"
    (shadow / "xphoto").mkdir(parents=True)
    (shadow / "__init__.py").write_text("__version__ = '5.0.0'\nfrom cv2 import xphoto\n")
    (shadow / "xphoto" / "__init__.py").write_text("def inpaint(*_): ...\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    fact = parts.opencv(children.ask(children.OPENCV))
    assert (fact.state, fact.variant) == ("missing", "shadowed")
    (pinned,) = (line for line in (CODE / "requirements.txt").read_text().splitlines() if line.startswith("opencv-con"))
    assert pinned in say(fact, "fr")
    assert "« Effacer » est incomplet" in say(fact, "fr")


def test_an_opencv_that_crashes_is_an_answer_like_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cv2.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    fact = parts.opencv(children.ask(children.OPENCV))
    assert (fact.state, fact.variant) == ("missing", "absent")
    assert "exit -9" in say(fact, "en")


def test_without_pango_the_book_still_works_and_without_fpdf2_too_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = Answer({"why": "cannot load library 'libpango-1.0-0'", "subset": False}, 0.1)
    monkeypatch.setattr(sys, "platform", "linux")
    fact = parts.printing(lacking)
    assert fact.state == "note"
    assert "fpdf2" in say(fact, "fr")
    assert "apt-get install libpango-1.0-0" in say(fact, "fr")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "brew install pango" in say(parts.printing(lacking), "fr")
    monkeypatch.setattr(parts, "version_of", lambda name: "")
    assert parts.printing(lacking).state == "missing"
    without_subset = parts.printing(Answer({"why": "", "subset": False}, 0.1))
    assert (without_subset.state, without_subset.variant) == ("note", "no_subset")


def test_a_framework_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "version_of", lambda name: "" if name == "keras" else "1.0")
    by_name = {fact.id: fact for fact in parts.frameworks()}
    assert [fact.id for fact in by_name.values() if fact.state == "missing"] == ["library.keras"]
    assert title(by_name["library.keras"], "fr") == "keras"
    assert "make setup" in say(by_name["library.keras"], "fr")


def test_a_browser_without_window_and_heic_without_reader_are_things_to_know() -> None:
    assert (parts.browser(None).state, parts.browser(Path("/usr/bin/chromium")).state) == ("note", "good")
    fact = parts.heic(Answer({"version": "", "why": "ImportError: libheif"}, 0.1))
    assert fact.state == "note"
    assert "libheif" in say(fact, "fr")


@pytest.mark.parametrize(
    ("free", "workspace", "project"),
    [(100 * GB, ("good", "good"), ("good", "good")), (9 * GB, ("note", "low"), ("note", "low")),
     (1 * GB, ("missing", "full"), ("note", "full"))],
)  # fmt: skip
def test_a_disk_that_fills_up_is_told_before_it_hurts(
    free: int, workspace: tuple[str, str], project: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(total=200 * GB, used=200 * GB - free, free=free)
    monkeypatch.setattr(system.shutil, "disk_usage", lambda folder: usage)
    for which, expected in (("workspace", workspace), ("project", project)):
        fact = system.disk(which, tmp_path)
        assert (fact.state, fact.variant) == expected
        assert size(free, "fr") in say(fact, "fr")


def test_a_workspace_that_can_t_be_written_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.os, "access", lambda path, mode: False)
    fact = system.disk("workspace", tmp_path / "cle")
    assert (fact.state, fact.variant) == ("missing", "readonly")
    assert str(tmp_path / "cle") in say(fact, "fr")


def test_little_memory_one_core_and_an_old_processor_are_things_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.psutil, "virtual_memory", lambda: SimpleNamespace(total=3 * GB, available=1 * GB))
    assert system.memory().variant == "small"
    monkeypatch.setattr(system.psutil, "virtual_memory", lambda: SimpleNamespace(total=16 * GB, available=1 * GB))
    assert (system.memory().state, system.memory().variant) == ("note", "busy")
    monkeypatch.setattr(system, "usable_cores", lambda: 1)
    assert (system.cores().state, system.cores().variant) == ("note", "one")
    monkeypatch.setattr(system.platform, "machine", lambda: "x86_64")
    assert system.instructions(frozenset({"sse2"})).variant == "old"
    assert system.instructions(frozenset({"avx2", "avx512f"})).variant == "good"
    assert system.instructions(frozenset({"avx2", "amx_bf16"})).variant == "bf16"


def test_a_card_that_the_installed_torch_can_t_use_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_said", lambda *command: "NVIDIA RTX 4070, 12282 MiB")
    monkeypatch.setattr(parts, "version_of", lambda name: "2.13.0+cpu")
    assert (system.graphics().state, system.graphics().variant) == ("note", "cuda_unused")
    monkeypatch.setattr(parts, "version_of", lambda name: "2.13.0")
    fact = system.graphics()
    assert fact.state == "good"
    assert "RTX 4070" in say(fact, "fr")
    monkeypatch.setattr(system.sys, "platform", "win32")  # there the plain build knows no CUDA
    assert system.graphics().variant == "cuda_unused"
    monkeypatch.setattr(parts, "version_of", lambda name: "2.13.0+cu128")
    assert system.graphics().variant == "cuda"
    monkeypatch.setattr(parts, "version_of", lambda name: "")
    assert system.graphics().variant == "cuda_unused"


def test_a_clock_that_was_set_back_is_told_from_the_last_record(desk: Desk, photos_folder: Path) -> None:
    import_photos(desk, [photos_folder])
    newest = newest_event(desk.workspace.folder)
    assert newest == desk.workspace.events()[-1].time
    at = datetime.fromisoformat(newest)
    assert system.clock(newest, at + timedelta(seconds=1)).variant == "good"
    assert system.clock(newest, at - timedelta(hours=2)).variant == "back"
    assert system.clock(newest, datetime(2020, 1, 1, tzinfo=UTC)).variant == "old"
    assert newest_event(desk.workspace.folder / "none") == ""


def test_an_unplugged_models_folder_is_missing_and_an_altered_model_too(tmp_path: Path) -> None:
    assert models.folder(tmp_path / "cle").variant == "unreachable"
    assert models.folder(tmp_path).variant == "good"
    assert {fact.state for fact in models.weights(tmp_path) if fact.values["backend"] == "full"} == {"note"}
    model = tmp_path / "clipseg"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"0" * 64)
    from core.weights import record

    record("clipseg", tmp_path)
    by_id = {fact.id: fact for fact in models.weights(tmp_path)}
    assert by_id["model.clipseg"].variant == "present"
    (model / "model.safetensors").write_bytes(b"0" * 63)
    changed = {fact.id: fact for fact in models.weights(tmp_path)}["model.clipseg"]
    assert (changed.state, changed.variant) == ("missing", "changed")
    assert "model.safetensors" in say(changed, "fr")


def _spoken() -> set[tuple[str, str]]:
    """(about, variant) of every Fact that the sources make with both written out."""
    found = set()
    for path in (CODE / "studio" / "machine").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fact" and len(node.args) > 3):
                continue
            about, variant = node.args[0], node.args[3]
            words = [variant.body, variant.orelse] if isinstance(variant, ast.IfExp) else [variant]
            names = {str(word.value) for word in words if isinstance(word, ast.Constant)}
            start = about.values[0] if isinstance(about, ast.JoinedStr) else about
            assert isinstance(start, ast.Constant)
            found |= {(str(start.value).rstrip("."), name) for name in names}
    return found


def test_every_fact_that_can_be_said_has_its_words_in_both_languages() -> None:
    spoken = _spoken()
    assert ("cv2", "shadowed") in spoken
    assert len(spoken) > 40
    for language in LANGUAGES:
        known = {key for key in table(language) if key.startswith("machine.say.")}
        asked = {f"machine.say.{about}.{variant}" for about, variant in spoken if about != "disk_"}
        asked |= {f"machine.say.disk_workspace.{word}" for word in ("good", "low", "full", "readonly")}
        asked |= {f"machine.say.disk_project.{word}" for word in ("good", "low", "full")}
        asked |= {f"machine.say.model.{w}" for w in ("present", "unrecorded", "absent", "absent_full", "changed")}
        assert asked == known


def test_every_real_fact_is_worded_in_both_languages(tmp_path: Path) -> None:
    for language in LANGUAGES:
        for fact in look(Settings(workspace=tmp_path)):
            words = f"{title(fact, language)}: {say(fact, language)}"
            assert "{" not in words
            assert len(words) > 8


# Children and the deep check


def test_a_child_that_hangs_is_ended_and_one_can_be_cancelled() -> None:
    slow = children.ask("import time; time.sleep(60)", seconds=0.5)
    assert slow.value is None
    assert slow.why == "> 0.5 s"
    alive: list[int] = []
    others = {child.pid for child in psutil.Process().children()}  # multiprocessing's, of tests before

    def stop(fraction: float, doing: str) -> None:
        alive.extend(child.pid for child in psutil.Process().children() if child.pid not in others)
        raise Cancelled(task="check")

    with pytest.raises(Cancelled):
        children.ask("import time; time.sleep(60)", report=stop)
    assert alive
    assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in alive)


def test_the_deep_check_goes_on_past_a_step_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "STEPS", ("palette", "nonsense", "book"))
    heard: list[str] = []
    done = deep.check(lambda fraction, doing: heard.append(doing))
    assert [(step.step, step.works) for step in done] == [("palette", True), ("nonsense", False), ("book", True)]
    assert done[0].found["pixels"] > 100_000
    assert done[0].seconds > 0
    assert "nonsense" in done[1].why
    assert done[2].found["engine"] in ("weasyprint", "fpdf2")
    assert {"check.palette", "check.nonsense", "check.book"} <= set(heard)


# Estimates


def test_an_estimate_is_the_reference_s_figure_times_how_much_slower_this_processor_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, settings = reference(), Settings(workspace=tmp_path)
    monkeypatch.setattr(figures, "usable_cores", lambda: int(known.machine["cores"]))
    same = estimate("remove_24mp", settings, units_per_second=known.units_per_second)
    half = estimate("remove_24mp", settings, units_per_second=known.units_per_second / 2)
    assert same.seconds == pytest.approx(known.figures["remove_24mp"]["seconds"])
    assert half.seconds == pytest.approx(2 * known.figures["remove_24mp"]["seconds"])
    assert same.basis == "reference"
    disk = estimate("export_gb", settings, units_per_second=known.units_per_second / 2)
    assert disk.seconds == known.figures["export_gb"]["seconds"], "a disk is not slower because a processor is"
    monkeypatch.setattr(figures, "usable_cores", lambda: 1)
    assert estimate("remove_24mp", settings, units_per_second=known.units_per_second).seconds > same.seconds  # type: ignore[operator]


def test_what_was_never_measured_has_no_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(workspace=tmp_path)
    monkeypatch.setattr(figures, "speed", lambda: None)
    unknown = estimate("book_40", settings)
    assert (unknown.seconds, unknown.basis) == (None, "unmeasured")
    assert estimate_row(unknown, "fr")["time"] == "non mesuré"


def test_a_kind_whose_model_is_not_there_says_so_and_keeps_its_basis(tmp_path: Path) -> None:
    by_kind = {
        item.kind: item for item in estimates(Settings(workspace=tmp_path, models=tmp_path), units_per_second=500.0)
    }
    assert tuple(by_kind) == KINDS
    assert by_kind["replace_30"].needs == "sd2-inpainting"
    assert by_kind["words_full"].basis == "random_weights"
    assert by_kind["triage_1000"].needs == ""
    row = estimate_row(by_kind["words_full"], "fr")
    assert "demande le modèle « clipseg »" in row["lacks"]
    assert row["time"].startswith("environ ")


def test_the_workspace_s_own_batches_come_before_the_reference(desk: Desk) -> None:
    folder = desk.workspace.folder
    connection = sqlite3.connect(folder / "paddock.db", isolation_level=None)

    def job(kind: str, number: int, seconds: float, photos: int) -> None:
        connection.execute(
            "INSERT INTO jobs (number, kind, who, label, state, batch, arguments, owner, created, seconds)"
            " VALUES (?, ?, 'a', '', 'done', 1, '{}', '1:1', '', ?)", (number, kind, seconds),
        )  # fmt: skip
        rows = [(number, place, "p", "s", "done") for place in range(photos)]
        connection.executemany("INSERT INTO items (job, number, name, source, state) VALUES (?, ?, ?, ?, ?)", rows)

    settings = Settings(workspace=folder)
    job("judge", 1, 10, 5)
    assert estimate("triage_1000", settings, units_per_second=500.0).basis == "reference", "five photos tell no speed"
    job("judge", 2, 50, 100)
    own = estimate("triage_1000", settings, units_per_second=500.0)
    assert own == Estimate("triage_1000", 500.0, 0.0, "history")
    connection.close()


# Backup's disks


def test_the_last_backup_is_remembered_and_the_workspace_s_own_disk_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    assert disks.last(desk.workspace) is None
    (tmp_path / "cle").mkdir()
    made = backup_workspace(desk.workspace, tmp_path / "cle" / "sauvegarde")
    disks.remember(desk.workspace, made)
    kept = disks.last(desk.workspace)
    assert kept == disks.LastBackup(made.made, str(made.folder), True)
    shutil.rmtree(tmp_path / "cle")
    assert disks.last(desk.workspace) == disks.LastBackup(made.made, str(made.folder), False)
    (desk.workspace.folder / disks.LAST).write_text("{")
    assert disks.last(desk.workspace) is None


def test_a_key_comes_before_the_disk_that_would_fail_with_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, frozen, home = tmp_path / "cle", tmp_path / "gravé", tmp_path / "home"
    for folder in (key, frozen, home):
        folder.mkdir()
    mounted = [
        SimpleNamespace(mountpoint=str(path), fstype=kind, opts=options)
        for path, kind, options in ((home, "ext4", "rw"), (key, "exfat", "rw"), (frozen, "exfat", "ro,nosuid"),
                                    (tmp_path / "snap", "squashfs", "ro"), (tmp_path / "gone", "ext4", "rw"))
    ]  # fmt: skip
    monkeypatch.setattr(disks.psutil, "disk_partitions", lambda all: mounted)
    monkeypatch.setattr(disks, "_device", lambda path: 2 if path == key else 1)
    offered = disks.disks(home / "atelier")
    assert [(disk.path, disk.same) for disk in offered] == [(key, False), (home, True)]
    assert offered[0].free == pytest.approx(shutil.disk_usage(key).free, abs=5 * GB)


def test_the_reference_names_its_computer_its_command_and_its_day() -> None:
    known = reference()
    assert known.machine["cpu"]
    assert known.machine["cores"] >= 1
    assert (CODE / "benchmarks" / "steps.py").is_file()
    assert known.command == "python -m benchmarks.steps"
    assert datetime.fromisoformat(known.date).year >= 2026
    assert set(KINDS) <= set(known.figures)
    json.dumps([item.as_json() for item in estimates(Settings(), units_per_second=500.0)])


def test_a_photo_in_the_samples_is_what_the_deep_check_tries() -> None:
    from studio.tasks.check import STEPS, sample

    assert sample().is_file()
    assert tuple(sorted(STEPS)) == tuple(sorted(deep.STEPS))
