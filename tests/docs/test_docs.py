"""The documents say what is so: links, pictures, commands, button names, figures and hashes are checked."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.exceptions import TyperException

from classifier.evaluation import Evaluation
from classifier.predict import write_evaluation
from classifier.scores import ClassScore
from core.canonical import canonical_json, sha256_of_text
from core.values import CLASSES
from core.weights import registry
from editing.vocabulary import KNOWN_FR
from studio.photos import UNSURE_BELOW
from tests.docs.reading import (
    DOCUMENTS,
    ROOT,
    all_commands,
    anchors,
    fences,
    links,
    mentioned_commands,
    options_of,
    resolve,
    table,
    text_of,
    written_commands,
)  # fmt: skip

DOCS = ROOT / "docs"
GUIDE, EXAMINER, DEVELOPERS, INDEX = (DOCS / f"{name}.md" for name in ("guide", "examiner", "developers", "README"))
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
IMAGES = sorted((DOCS / "images").iterdir())
MANIFEST = {entry["name"]: entry for entry in json.loads(text_of(ROOT / "artifacts" / "MANIFEST.json"))}
CARD = json.loads(text_of(ROOT / "artifacts" / "triage-lite0.json"))
NOT_OF_THE_PAGE = {
    "à",
    "la voiture rouge",
    "le panneau et le texte",
    "poste",
    "le sujet seulement",
    "FR",
    "exécuter dans un terminal",
}
"""What the staff's guide puts between « » without its being a text of the page."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_link_and_picture_leads_somewhere(document: Path) -> None:
    for target in links(document):
        file, _, anchor = target.partition("#")
        there = (document.parent / file).resolve() if file else document
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(there), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_no_document_names_a_place_of_one_machine(document: Path) -> None:
    assert not re.findall(r"(?<![\w.:])/(?:work|home|root|tmp|mnt|Users)/\S*", text_of(document))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_that_is_shown_can_be_given_as_it_stands(document: Path) -> None:
    for words in written_commands(document):
        command, rest = resolve(words)
        if "--help" in rest:
            continue
        try:
            command.make_context("paddock", list(rest))
        except TyperException as error:
            pytest.fail(f"paddock {' '.join(words)}: {error}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_that_is_mentioned_has_the_options_that_are_named(document: Path) -> None:
    for words in mentioned_commands(document):
        command, rest = resolve(words)
        for option in (word for word in rest if word.startswith("--")):
            assert option in options_of(command), f"paddock {' '.join(words)}: {option}"


@pytest.mark.parametrize("command", all_commands())
def test_every_command_is_in_the_readme_and_the_examiner_s_commands_are_on_their_page(command: str) -> None:
    assert command in text_of(ROOT / "README.md")
    assert command in text_of(EXAMINER)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    text = text_of(document)
    named = set(re.findall(r"`make ([a-z-]+)`", text))
    named |= set(re.findall(r"^make ([a-z-]+)", "\n".join(fences(text, "sh")), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_file_of_the_checkout_that_is_named_exists(document: Path) -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for name in re.findall(r"`([a-z_]+/[\w./-]*\w\.(?:py|toml|js|css|md|json|sh))`", text_of(document)):
        if name.split("/")[0] in folders:
            assert (ROOT / name).exists(), name


def test_the_guide_calls_buttons_by_the_names_that_the_page_shows() -> None:
    with (ROOT / "app" / "texts" / "fr.toml").open("rb") as stream:
        shown = list(tomllib.load(stream).values())
    shown += [re.sub(r"\{n\}", "3", value) for value in shown] + list(KNOWN_FR)
    together = "\n".join(re.sub(r"\{\w+\}", "0", value) + "\n" + value for value in shown)
    together += text_of(ROOT / "core" / "errors.py") + text_of(ROOT / "studio" / "selecting.py")  # errors bear theirs
    for said in re.findall(r"« ([^»]+?) »", text_of(GUIDE)):
        plain = re.sub(r"^\d ", "", said).rstrip("…").strip()
        assert plain in together or said in NOT_OF_THE_PAGE, said


def test_the_guide_names_the_words_and_the_doubt_that_the_code_has() -> None:
    text = text_of(GUIDE)
    for word in KNOWN_FR:
        assert f"**{word}**" in text
    assert f"moins de {UNSURE_BELOW:.0%} de".replace("%", " %") in text
    wrong = 1 - MANIFEST["triage-lite0"]["scores"]["folds"]["accuracy"]
    assert "une fois sur huit" in text
    assert 1 / 8.5 < wrong < 1 / 7.5, "how often the guide says that sorting errs"


def test_the_triage_figures_are_those_of_the_manifest_and_of_the_card() -> None:
    text, scores = text_of(EXAMINER), MANIFEST["triage-lite0"]["scores"]
    assert {name: scores[name] for name in ("folds", "sources_apart")} == CARD["scores"]
    shown = table(text, "Mesure", "Plis", "Sources séparées")
    for column, part in enumerate(("folds", "sources_apart")):
        figures = scores[part]
        expected: dict[str, Any] = {
            "Exactitude": figures["accuracy"], "Macro-F1": figures["macro_f1"],
            "Erreur de calibration (ECE)": figures["ece"],
            **{f"F1 {label}": figures["per_class_f1"][label] for label in CLASSES},
        }  # fmt: skip
        assert {row: float(cells[column].replace(",", ".")) for row, cells in shown.items()} == expected
    for title, part in (("Plis", "folds"), ("Sources séparées", "sources_apart")):
        rows = table(text, title, *CLASSES)
        assert [[int(cell) for cell in rows[label]] for label in CLASSES] == scores[part]["confusion"]
    assert scores["folds"]["folds"] == scores["sources_apart"]["folds"] == 5


def test_what_the_models_were_trained_on_is_said_as_the_manifest_says_it() -> None:
    text, trained, carmap = text_of(EXAMINER), MANIFEST["triage-lite0"]["trained_on"], MANIFEST["carmap-lite0"]
    counts = ", ".join(f"{trained[label]} `{label}`" for label in CLASSES)
    assert f"sur {trained['photos']} photos ({counts})" in text
    assert f"Entrée de {CARD['side']} pixels" in text
    scores = carmap["scores"]["four_folds"][carmap["scores"]["ships"]]
    mean, median = (str(scores[name]).replace(".", ",") for name in ("mean_iou", "median_iou"))
    assert f"quatre plis sur {scores['photos']} photos" in text
    assert f"IoU moyen {mean}, médian {median}" in text
    seconds = json.loads(text_of(ROOT / "artifacts" / "triage-lite0.log.json"))["seconds"]
    assert f"{seconds} secondes".replace(".", ",") in text


def test_the_keys_of_the_evaluation_and_the_columns_of_its_csv_are_those_that_are_written(tmp_path: Path) -> None:
    done = Evaluation(
        accuracy=1.0, accuracy_all=1.0, macro_f1=1.0,
        per_class={label: ClassScore(1.0, 1.0, 1.0, 1) for label in CLASSES},
        confusion=((1, 0, 0), (0, 1, 0), (0, 0, 1)), ece=0.0, photos=3, unreadable=0, model="m", backend="embedded",
        seconds=0.1, rows=(),
    )  # fmt: skip
    rows = table(text_of(EXAMINER), "Clé", "Sens")
    named = {key.strip() for cell in rows for key in cell.split(",")}
    assert named == set(done.as_json())
    write_evaluation(tmp_path / "evaluation.csv", done, "fr")
    with (tmp_path / "evaluation.csv").open(newline="", encoding="utf-8") as stream:
        columns = next(csv.reader(stream))
    assert f"`{', '.join(columns)}`" in text_of(EXAMINER)


def test_the_folders_of_full_models_are_those_that_are_searched() -> None:
    rows = table(text_of(EXAMINER), "Modèle", "Sous-dossiers acceptés")
    published = {entry.id: entry for entry in registry() if entry.kind == "published"}
    assert set(rows) == set(published)
    for model, (folders, files) in rows.items():
        assert set(folders.split(", ")) == set(published[model].folder_names)
        assert tuple(files.split(", ")) == published[model].required


def test_what_soak_and_memory_are_said_to_show_is_what_was_measured() -> None:
    text = text_of(EXAMINER)
    soak, memory = (
        json.loads(text_of(ROOT / "benchmarks" / "results" / f"{name}.json")) for name in ("soak", "memory")
    )
    counts = soak["kills"]["kills"], soak["hostile"]["files"], soak["fuzz"]["pictures"]
    assert "{} arrêts, un disque plein, {} fichiers hostiles, {} images mutées".format(*counts) in text
    lost = soak["kills"]["lost"], soak["full_disk"]["lost"]
    failed = soak["hostile"]["failures"], soak["fuzz"]["failures"]
    assert f"perdu : {sum(lost)}, tombé : {sum(failed)}" in text
    assert f"{memory['growth_mb']} Mo de plus à 5000 photos qu'à 1000".replace(".", ",", 1) in text


def test_the_event_that_is_shown_has_the_hash_that_is_told() -> None:
    text = text_of(DEVELOPERS)
    (shown,) = (block for block in fences(text, "json") if '"previous"' in block)
    told = re.search(r"Its hash: `([0-9a-f]{64})`", text)
    assert told is not None
    assert sha256_of_text(canonical_json(json.loads(shown))) == told.group(1)


def test_every_decision_has_its_number_and_a_title_and_is_in_the_index() -> None:
    index = text_of(INDEX)
    for number, path in enumerate(DECISIONS, 1):
        assert re.fullmatch(rf"{number:04d}-[a-z0-9-]+\.md", path.name), path.name
        title = re.match(rf"# {number}\. (.+)\n", text_of(path))
        assert title is not None, path.name
        assert f"| {number} | [{title.group(1)}](decisions/{path.name}) |" in index


def test_every_picture_is_used_is_light_and_is_one_that_the_script_takes() -> None:
    taken = re.findall(r'shoot\("([\w-]+)"', text_of(DOCS / "screenshots.py"))
    assert [path.stem for path in IMAGES] == sorted(taken)
    guide = text_of(GUIDE)
    for path in IMAGES:
        assert f"](images/{path.name})" in guide, path.name
        assert path.stat().st_size <= 200_000, path.name
        with Image.open(path) as image:
            assert max(image.size) <= 1366
    assert sum(path.stat().st_size for path in IMAGES) <= 2_000_000


def test_every_picture_has_words_for_those_who_do_not_see_it() -> None:
    for document in DOCUMENTS:
        for words, _ in re.findall(r"!\[(.*?)\]\((.*?)\)", text_of(document)):
            assert len(words) > 15, document
