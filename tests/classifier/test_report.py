"""The report of an evaluation: what is wrong is shown with its heat, nothing of the originals is touched."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from app.cli.classifier import app
from app.texts import table
from classifier import report as report_room
from classifier.evaluation import Evaluation, Row, evaluate
from classifier.plots import calibration_png, confusion_png
from classifier.report import check_folder, overlaid, write_report
from classifier.scores import ConfidenceBin
from classifier.train import train
from classifier.triage import Triage
from core.credits import Credits
from core.errors import Cancelled, FolderError, Language
from core.images import read_picture, write_picture
from core.values import CLASSES
from tests.classifier.made_photos import kind, labelled
from tests.made import saved

HOSTILE = "<img src=x onerror=alert(1)> & “co”.png"
WORDS = {
    language: {
        key.removeprefix("report."): words for key, words in table(language).items() if key.startswith("report.")
    }
    for language in ("fr", "en")
}


class _Seen(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    done = train(labelled(folder / "data", 4), folder / "triage-made.safetensors", side=64, strengths=(0.1,))
    return done.out


@pytest.fixture(scope="module")
def triage(trained: Path) -> Triage:
    return Triage.load(str(trained))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six right photos, three in the wrong sub-folder, one of them credited and one with a hostile name, one broken."""
    folder = labelled(tmp_path_factory.mktemp("labelled"), 2, first=20)
    saved(folder / "ok" / HOSTILE, kind("exclure", 3))
    write_picture(folder / "ok" / "credited.jpg", kind("retoucher", 4), credits=Credits("A. <Dupont>", "Agence X"))
    saved(folder / "exclure" / "wide.png", np.tile(kind("ok", 5), (1, 3, 1)))
    (folder / "retoucher" / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    return folder


@pytest.fixture(scope="module")
def done(triage: Triage, data: Path) -> Evaluation:
    return evaluate(data, triage)


def _write(folder: Path, done: Evaluation, triage: Triage, data: Path, language: Language = "fr", **more: int) -> _Seen:
    page = write_report(folder, done, triage, data, words=WORDS[language], language=language,
                        command=["paddock", "classifier", "evaluate", "--data", "a <b>"], unsure_below=0.6,
                        **more)  # fmt: skip
    assert page == folder / "report.html"
    return _Seen(page.read_text("utf-8"))


def test_the_evaluation_counts_the_unsure_and_draws_the_curve_of_its_own_rows(done: Evaluation) -> None:
    assert (done.photos, done.unreadable, done.accuracy) == (10, 1, 6 / 9)
    assert sum(one.count for one in done.calibration) == 9
    assert done.unsure(0.0) == (0, 0)
    assert done.unsure(1.01) == (9, 6)
    rows = [Row("a", "ok", "ok", True, (0.59, 0.3, 0.11)), Row("b", "exclure", "ok", False, (0.5, 0.1, 0.4)),
            Row("c", "ok", "ok", True, (0.6, 0.3, 0.1)), Row("d", "ok", None, False, None)]  # fmt: skip
    assert replace(done, rows=tuple(rows)).unsure(0.6) == (2, 1)


def test_the_folder_has_the_page_two_pictures_the_numbers_and_a_line_a_photo(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    _write(tmp_path / "out", done, triage, data)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(report_room.OURS)
    for name in ("confusion.png", "calibration.png"):
        with Image.open(tmp_path / "out" / name) as image:
            assert (image.format, min(image.size) > 800) == ("PNG", True)
    numbers = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert {key: numbers[key] for key in done.as_json()} == json.loads(json.dumps(done.as_json()))
    assert numbers["unsure"]["below"] == 0.6
    assert sum(one["count"] for one in numbers["calibration"]) == 9
    assert numbers["sha256"] == triage.origin.sha256
    assert numbers["card"]["trained_on"] == {"ok": 4, "retoucher": 4, "exclure": 4}
    with (tmp_path / "out" / "report.csv").open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 10
    assert {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()} == before


def test_each_mistake_has_its_photo_and_two_heats_and_keeps_its_credit(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    seen = _write(tmp_path / "out", done, triage, data)
    assert len(seen.all("article")) == 3
    addresses = [str(image["src"]) for image in seen.all("img")]
    assert len(addresses) == 2 + 3 * 3
    for address in addresses:
        assert (tmp_path / "out" / address).is_file()
    credited = [path for path in sorted((tmp_path / "out" / "photos").iterdir()) if read_picture(path).credits]
    assert len(credited) == 3
    assert read_picture(credited[0]).credits.line == "A. <Dupont> / Agence X"
    assert "Crédit : A. <Dupont> / Agence X" in seen.texts
    names = [text for text in seen.texts if text.startswith(("ok/", "exclure/", "retoucher/"))]
    surest = sorted((row for row in done.rows if row.verdict and not row.correct), key=lambda r: -max(r.probabilities))
    assert names[:3] == [row.path for row in surest]
    photo, verdict = (read_picture(path) for path in sorted((tmp_path / "out" / "photos").glob("mistake-0001*"))[::2])
    assert photo.pixels.shape == verdict.pixels.shape


def test_names_and_credits_are_text_and_never_tags_and_nothing_is_fetched(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    seen = _write(tmp_path / "out", done, triage, data)
    assert f"ok/{HOSTILE}" in seen.texts
    assert {tag for tag, _ in seen.tags} & {"script", "iframe", "b>", "dupont"} == set()
    assert all(not name.startswith("on") for _, attributes in seen.tags for name in attributes)
    for tag, attributes in seen.tags:
        for name in ("src", "href"):
            assert re.fullmatch(r"[a-z0-9/.-]+", attributes.get(name) or "x"), (tag, attributes)
    assert "paddock classifier evaluate --data 'a <b>'" in seen.texts


def test_the_page_speaks_both_languages_and_fills_every_text(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    french = "\n".join(_write(tmp_path / "fr", done, triage, data).texts)
    english = "\n".join(_write(tmp_path / "en", done, triage, data, "en").texts)
    assert "Taux de conformité : 6 photos justes sur 9 lisibles." in french
    assert "66,7 %" in french
    assert "Rate of conformity: 6 right out of 9 readable photos." in english
    assert "66.7%" in english
    for text in (french, english):
        assert "broken.jpg" in text
        assert not re.search(r"\{[a-z_]+\}", text.split("src: url")[0] + text.rsplit("}", 1)[-1])


def test_hundreds_of_mistakes_are_cut_to_the_surest_with_a_sentence(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    seen = _write(tmp_path / "out", done, triage, data)
    assert len(list((tmp_path / "out" / "photos").iterdir())) == 9
    seen = _write(tmp_path / "out", done, triage, data, limit=1)
    assert len(seen.all("article")) == 1
    assert len(list((tmp_path / "out" / "photos").iterdir())) == 3, "pictures of the earlier report are gone"
    assert WORDS["fr"]["limit"].format(shown=1, n=3) in seen.texts


def test_a_model_that_is_always_right_has_a_report_too(triage: Triage, tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 1, first=40)
    seen = _write(tmp_path / "out", evaluate(data, triage), triage, data)
    assert seen.all("article") == []
    assert WORDS["fr"]["no_mistake"] in seen.texts
    assert "100,0 %" in seen.texts


def test_a_photo_that_vanished_since_is_told_in_its_place(triage: Triage, tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 1, first=40)
    gone = saved(data / "ok" / "gone.png", kind("exclure", 1))
    saved(data / "ok" / "there.png", kind("exclure", 2))
    done = evaluate(data, triage)
    gone.unlink()
    seen = _write(tmp_path / "out", done, triage, data)
    assert len(seen.all("article")) == 2
    assert len(list((tmp_path / "out" / "photos").iterdir())) == 3
    assert any(text.startswith("« gone.png » ") for text in seen.texts)


def test_only_a_new_or_empty_folder_or_an_earlier_report_is_written_into(tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 1)
    check_folder(tmp_path / "new", data)
    for inside in (data, data / "ok" / "rapport"):
        with pytest.raises(FolderError, match="where nothing may change"):
            check_folder(inside, data)
    mine = tmp_path / "mine"
    saved(mine / "photos" / "mistake-0001.jpg", kind("ok", 1))
    (mine / "report.html").write_text("earlier", "utf-8")
    check_folder(mine, data)
    saved(mine / "photos" / "summer.jpg", kind("ok", 1))
    with pytest.raises(FolderError, match=r"summer\.jpg"):
        check_folder(mine, data)
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(FolderError, match="new or empty"):
        check_folder(tmp_path / "file", data)


def test_a_cancelled_report_leaves_no_page_that_shows_half(
    done: Evaluation, triage: Triage, data: Path, tmp_path: Path
) -> None:
    _write(tmp_path / "out", done, triage, data)

    def stop(fraction: float, doing: str) -> None:
        raise Cancelled(task="report")

    with pytest.raises(Cancelled):
        write_report(tmp_path / "out", done, triage, data, words=WORDS["fr"], language="fr", command=["x"],
                     unsure_below=0.6, report=stop)  # fmt: skip
    assert not (tmp_path / "out" / "report.html").exists()
    check_folder(tmp_path / "out", data)


def test_heat_makes_a_photo_warm_where_it_is_and_nearly_grey_elsewhere() -> None:
    photo = np.full((10, 20, 3), (40, 90, 200), np.uint8)
    heat = np.zeros((10, 20), np.float32)
    heat[:, 10:] = 1.0
    shown = overlaid(photo, heat).astype(int)
    assert np.ptp(shown[0, 0]) < np.ptp(photo[0, 0].astype(int)) / 3
    assert shown[0, 15, 0] - shown[0, 15, 2] > 80


def test_the_matrix_s_picture_darkens_with_the_share_and_shows_many_classes() -> None:
    words = {name: name for name in ("title", "expected", "verdict", "note")} | {"percent": "{n} %"}

    def ink(confusion: list[list[int]]) -> float:
        image = Image.open(io.BytesIO(confusion_png(confusion, CLASSES, words)))
        return 255 - float(np.asarray(image.convert("L")).mean())

    assert ink([[9, 0, 0], [0, 9, 0], [0, 0, 9]]) > ink([[0, 0, 0], [0, 0, 0], [0, 0, 9]]) > 0
    many = [f"marque {index} très longue" for index in range(196)]
    picture = Image.open(io.BytesIO(confusion_png(np.eye(196, dtype=int).tolist(), many, words)))
    assert max(picture.size) < 6500


def test_the_curve_s_points_lie_where_confidence_and_accuracy_say() -> None:
    words = dict.fromkeys(("title", "note", "confidence", "accuracy", "photos", "above", "below"), "")
    words["percent"] = "{n} %"
    empty = [ConfidenceBin(index / 15, (index + 1) / 15, 0, None, None) for index in range(15)]
    one = [*empty[:9], ConfidenceBin(9 / 15, 10 / 15, 7, 0.65, 0.25), *empty[10:]]
    pictures = [np.asarray(Image.open(io.BytesIO(calibration_png(bins, words))).convert("RGB"))
                for bins in (empty, one)]  # fmt: skip
    changed = (pictures[0].astype(int) - pictures[1]).any(axis=-1)
    rows, columns = np.nonzero(changed[: 2 * (92 + 420)])
    left, top, side = 84 * 2, 92 * 2, 420 * 2
    assert (columns.min() + columns.max()) / 2 == pytest.approx(left + side * 0.65, abs=3)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(top + side * 0.75, abs=3)


def test_the_command_writes_the_report_in_the_reader_s_language_and_keeps_json_alone_on_stdout(
    triage: Triage, trained: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "rapport d'été"
    arguments = ["evaluate", "--data", str(data), "--model", str(trained), "--report", str(out)]
    done = CliRunner().invoke(app, [*arguments, "--json", "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["model"] == triage.origin.model
    seen = _Seen((out / "report.html").read_text("utf-8"))
    assert seen.all("html") == [{"lang": "en"}]
    again = shlex.join(["paddock", "classifier", *arguments[:5], "--report", str(out), "--lang", "en"])
    assert again in seen.texts
    french = CliRunner().invoke(app, arguments, env={"PADDOCK_LANG": ""})
    assert f"Rapport écrit : {out / 'report.html'}" in french.stdout
    assert _Seen((out / "report.html").read_text("utf-8")).all("html") == [{"lang": "fr"}]


def test_the_command_refuses_a_folder_with_something_else_before_any_work(data: Path, tmp_path: Path) -> None:
    saved(tmp_path / "holidays" / "beach.png", kind("ok", 1))
    arguments = ["evaluate", "--data", str(data), "--model", "no-such-model", "--report", str(tmp_path / "holidays")]
    refused = CliRunner().invoke(app, arguments, env={"PADDOCK_LANG": ""})
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "il contient déjà autre chose qu'un rapport (« beach.png »)" in refused.stderr
    assert [path.name for path in (tmp_path / "holidays").iterdir()] == ["beach.png"]
