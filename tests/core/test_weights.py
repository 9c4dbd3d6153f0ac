"""The models folder: found by its layouts, recorded once, and refused when a byte has changed."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from typer.testing import CliRunner

from app.cli.weights import app as weights_app
from core import weights
from core.canonical import sha256_of_text
from core.errors import FolderError, SettingsError, WeightsChanged, WeightsMissing
from core.weights import located as locating

REVISION = "0123456789abcdef0123456789abcdef01234567"
CONTENT = {"config.json": b"{}", "model.safetensors": b"small weights", "vocab.json": b'{"car": 1}'}


def made_up_clipseg(folder: Path, content: dict[str, bytes] = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return folder


class MadeUpHub:
    """Stands for the hub: one repository with the given files; counts downloads."""

    def __init__(self, content: dict[str, bytes] = CONTENT, commit: str = REVISION) -> None:
        self.content, self.commit, self.asked = content, commit, []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> "MadeUpHub":
        monkeypatch.setattr(huggingface_hub, "snapshot_download", self.download)
        monkeypatch.setattr(huggingface_hub, "HfApi", lambda: SimpleNamespace(model_info=self.info))
        return self

    def info(self, source: str, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(sha=self.commit)

    def download(self, source: str, *, revision: str, local_dir: Path, allow_patterns: list[str], **_: object) -> str:
        self.asked.append((source, revision, tuple(allow_patterns)))
        return str(made_up_clipseg(local_dir, self.content))


def test_the_registry_names_every_model_once_with_a_licence_in_both_languages() -> None:
    entries = weights.registry()
    assert [entry.id for entry in entries] == [
        "efficientnet-lite0", "efficientnet-lite2", "triage-lite0", "carmap-lite0", "panelmap-lite0", "rapidocr",
        "vgg16", "resnet50", "efficientnetv2-b0", "resnet18", "clipseg", "sd2-inpainting",
    ]  # fmt: skip
    assert all(entry.licence and entry.licence_note("fr") != entry.licence_note("en") for entry in entries)
    assert "MIT" in weights.facts("clipseg").licence_note("fr")
    assert weights.facts("sd2-inpainting").sources == (
        "sd2-community/stable-diffusion-2-inpainting",
        "stabilityai/stable-diffusion-2-inpainting",
    )


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="clipseg"):
        weights.facts("dalle")


def test_weights_that_travel_in_packages_have_the_hash_of_the_registry() -> None:
    located = weights.locate("efficientnet-lite0")
    assert located.sha256 == "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
    assert (located.file.name, located.revision, located.state) == (
        "efficientnet-lite0-57934424.pth", "0.1.0", "recorded",
    )  # fmt: skip
    lines = "".join(f"{line}\n" for line in sorted(f"{h}  {n}" for n, h in weights.facts("rapidocr").sha256.items()))
    assert weights.locate("rapidocr").sha256 == sha256_of_text(lines)


@pytest.mark.parametrize(
    "name",
    ["clipseg", "clipseg-rd64-refined", "CIDAS--clipseg-rd64-refined", "CIDAS/clipseg-rd64-refined"],
)
def test_a_plain_snapshot_folder_is_found_under_each_of_its_names(tmp_path: Path, name: str) -> None:
    folder = made_up_clipseg(tmp_path / name)
    located = weights.locate("clipseg", tmp_path)
    assert located.folder == folder
    assert [path.name for path in located.files] == ["config.json", "model.safetensors", "vocab.json"]
    assert (located.state, located.revision, located.source) == ("unrecorded", "", "folder")


def test_a_hub_cache_is_found_and_tells_its_commit(tmp_path: Path) -> None:
    cache = tmp_path / "models--CIDAS--clipseg-rd64-refined"
    folder = made_up_clipseg(cache / "snapshots" / REVISION)
    made_up_clipseg(cache / "snapshots" / "older")
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(REVISION)
    located = weights.locate("clipseg", tmp_path)
    assert (located.folder, located.revision) == (folder, REVISION)


def test_a_missing_model_says_where_to_put_it_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        weights.locate("clipseg", tmp_path)
    for language, words in (("fr", "clé USB"), ("en", "USB key")):
        message = caught.value.message(language)
        assert words in message
        assert "paddock weights pull clipseg" in message
        assert str(tmp_path) in message


def test_a_folder_without_its_weights_file_is_not_a_model(tmp_path: Path) -> None:
    made_up_clipseg(tmp_path / "clipseg", {"config.json": b"{}", "pytorch_model.bin": b"pickle"})
    with pytest.raises(WeightsMissing):
        weights.locate("clipseg", tmp_path)


def test_the_first_pull_records_commit_and_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = MadeUpHub().install(monkeypatch)
    located = weights.pull("clipseg", tmp_path)
    assert (located.state, located.revision, located.source) == ("recorded", REVISION, "CIDAS/clipseg-rd64-refined")
    lock = json.loads((tmp_path / weights.LOCK).read_text())["clipseg"]
    assert lock["revision"] == REVISION
    assert lock["sha256"] == dict(located.hashes)
    assert lock["bytes"] == {name: len(data) for name, data in CONTENT.items()}
    assert hub.asked == [("CIDAS/clipseg-rd64-refined", REVISION, ("*.safetensors", "*.json", "*.txt"))]
    weights.pull("clipseg", tmp_path)
    assert len(hub.asked) == 1


def test_a_second_pull_with_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MadeUpHub().install(monkeypatch)
    weights.pull("clipseg", tmp_path)
    for path in (tmp_path / "clipseg").iterdir():
        path.unlink()
    (tmp_path / "clipseg").rmdir()
    other = MadeUpHub({**CONTENT, "model.safetensors": b"other weights"}, commit="f" * 40).install(monkeypatch)
    with pytest.raises(WeightsChanged, match=r"model\.safetensors"):
        weights.pull("clipseg", tmp_path)
    assert other.asked[0][1] == REVISION, "the recorded commit is asked for, not the newest"
    assert not (tmp_path / "clipseg").exists()
    assert not (tmp_path / ".pull-clipseg").exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [("model.safetensors", b"small weightz"), ("merges.txt", b"added"), ("vocab.json", None)],
    ids=["one byte changed", "a file added", "a file removed"],
)
def test_a_recorded_model_that_changed_is_named_and_not_loaded(tmp_path: Path, name: str, data: bytes | None) -> None:
    folder = made_up_clipseg(tmp_path / "clipseg")
    assert weights.record("clipseg", tmp_path).state == "recorded"
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    with pytest.raises(WeightsChanged) as caught:
        weights.locate("clipseg", tmp_path)
    assert caught.value.details == {"model": "clipseg", "file": name}


def test_a_damaged_lock_is_told_and_never_ignored(tmp_path: Path) -> None:
    made_up_clipseg(tmp_path / "clipseg")
    (tmp_path / weights.LOCK).write_text("{")
    with pytest.raises(FolderError, match="damaged"):
        weights.locate("clipseg", tmp_path)


def test_without_network_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: SimpleNamespace(model_info=unreachable))
    with pytest.raises(weights.HubUnreachable) as caught:
        weights.pull("sd2-inpainting", tmp_path)
    french, english = caught.value.message("fr"), caught.value.message("en")
    assert "Vérifiez le réseau" in french
    assert "Check the network" in english
    assert french.index("sd2-community/") < french.index("stabilityai/"), "the mirror first, then the removed id"
    assert "paddock weights check" in english


def test_the_publishers_md5_is_asked_of_vgg16(tmp_path: Path) -> None:
    (tmp_path / "vgg16").mkdir()
    (tmp_path / "vgg16" / weights.facts("vgg16").files[0]).write_bytes(b"not VGG16")
    with pytest.raises(WeightsChanged, match="notop"):
        weights.locate("vgg16", tmp_path)


def test_an_artifact_must_be_the_one_in_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locating, "ARTIFACTS", tmp_path)
    file = tmp_path / "triage-lite0.safetensors"
    file.write_bytes(b"head")
    with pytest.raises(WeightsChanged, match="MANIFEST"):
        weights.locate("triage-lite0")
    row = {"name": file.name, "sha256": sha256_of_text("head")}
    (tmp_path / "MANIFEST.json").write_text(json.dumps([row]))
    assert weights.locate("triage-lite0").sha256 == row["sha256"]
    file.write_bytes(b"tail")
    with pytest.raises(WeightsChanged, match="triage-lite0"):
        weights.locate("triage-lite0")


def test_the_list_tells_present_absent_and_changed_without_hashing_large_files(tmp_path: Path) -> None:
    folder = made_up_clipseg(tmp_path / "clipseg")
    weights.record("clipseg", tmp_path)
    by_id = {state.facts.id: state for state in weights.states(tmp_path)}
    assert (by_id["clipseg"].presence, by_id["clipseg"].bytes) == ("present", sum(map(len, CONTENT.values())))
    assert by_id["vgg16"].presence == "absent"
    (folder / "model.safetensors").write_bytes(b"longer weights than before")
    state = next(state for state in weights.states(tmp_path) if state.facts.id == "clipseg")
    assert (state.presence, state.problem) == ("changed", "model.safetensors")


def test_large_files_are_hashed_again_only_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.weights.hashes.LARGE", 1)
    folder = made_up_clipseg(tmp_path / "clipseg")
    first = weights.locate("clipseg", tmp_path).sha256
    memory = tmp_path / ".weights-hashes.json"
    assert len(json.loads(memory.read_text())) == len(CONTENT)
    with monkeypatch.context() as patched:
        patched.setattr("core.weights.hashes.sha256_of_file", lambda path: pytest.fail(f"{path} hashed again"))
        assert weights.locate("clipseg", tmp_path).sha256 == first
    (folder / "model.safetensors").write_bytes(b"a different length")
    assert weights.locate("clipseg", tmp_path).sha256 != first


def test_the_check_command_records_then_catches_a_change(tmp_path: Path) -> None:
    folder = made_up_clipseg(tmp_path / "clipseg")
    runner = CliRunner()
    recorded = runner.invoke(weights_app, ["check", "--models-dir", str(tmp_path), "--record"])
    assert "Rien n'a été modifié" in recorded.output or "artifacts" in recorded.output
    (folder / "vocab.json").write_bytes(b"{}")
    result = runner.invoke(weights_app, ["check", "--models-dir", str(tmp_path), "--lang", "en"])
    assert result.exit_code == 2
    assert "“vocab.json” of model “clipseg” is not the one that was recorded" in result.stderr


def test_the_list_command_speaks_french_unless_asked(tmp_path: Path) -> None:
    runner = CliRunner()
    listing = ["list", "--models-dir", str(tmp_path)]
    french = runner.invoke(weights_app, listing, env={"COLUMNS": "160"})
    english = runner.invoke(weights_app, [*listing, "--lang", "en"], env={"COLUMNS": "160"})
    assert (french.exit_code, english.exit_code) == (0, 0)
    assert "aucune pour les poids" in french.stdout
    assert "none for the weights" in english.stdout


def test_importing_the_weights_imports_no_framework_and_no_hub_client() -> None:
    heavy = "{'torch', 'keras', 'tensorflow', 'huggingface_hub', 'transformers', 'weasyprint'}"
    code = f"import sys, core.weights, app.cli.weights; print(sorted({heavy} & set(sys.modules)))"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
