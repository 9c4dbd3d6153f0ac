"""Labels in and out, so that several people can label: a CSV table, and Label Studio's JSON.

Pure functions from text to values and back; who reads and writes files is the caller. Label Studio's format
is a list of tasks with annotations (https://labelstud.io/guide/task_format); a photo that several people
labelled is one task with several annotations.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from classifier.folder import Notice
from core.values import CLASSES

COLUMNS = ("path", "sha256", "label", "who", "when")
NAMED = {"file": "path", "filename": "path", "image": "path", "id": "path", "fichier": "path", "photo": "path",
         "class": "label", "verdict": "label", "etiquette": "label", "étiquette": "label", "classe": "label",
         "annotator": "who", "qui": "who", "date": "when", "quand": "when", "updated_at": "when"}  # fmt: skip
"""Other names under which a column is understood."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet would run a cell that begins so: an apostrophe goes before it, and is taken off when read."""
CHOICE, IMAGE = "verdict", "image"
"""Names of the control and of the picture in the labelling page."""
LOCAL_FILES = "/data/local-files/?d="
"""How Label Studio calls files of a folder that was added to it as local storage."""
BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class PhotoLabel:
    """One person's label of one photo.

    path: relative to the photos' folder, with "/". sha256: of the file, "" when unknown. who: as declared.
    when: ISO 8601 as it was written, "" when unknown.
    """

    path: str
    label: str
    who: str = ""
    when: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class LabelsRead:
    """labels: in the order of the file. notices: what was left aside and why."""

    labels: tuple[PhotoLabel, ...]
    notices: tuple[Notice, ...] = ()


def labels_to_csv(labels: Iterable[PhotoLabel]) -> str:
    """A table with COLUMNS, one line per label."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(getattr(label, column)) for column in COLUMNS] for label in labels)
    return stream.getvalue()


def labels_from_csv(text: str, classes: Sequence[str] = CLASSES) -> LabelsRead:
    """Read a table, separated by commas or semicolons (French spreadsheets), with or without a byte-order mark.

    It needs a column for the photo (path, or another of NAMED; sha256 alone will do) and one for the label.
    Lines without either, or with a label that is none of classes, are left aside and told.
    """
    text = text.removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ","))
    names = [cell.strip().lower() for cell in rows[0]] if rows else []
    known = {NAMED.get(name, name) for name in names}
    if "label" not in known or not {"path", "sha256"} & known:
        return LabelsRead((), (Notice(
            "Ce tableau n'a pas les colonnes « path » (ou « sha256 ») et « label » : rien n'a été lu.",
            "This table lacks the columns “path” (or “sha256”) and “label”: nothing was read.",
        ),))  # fmt: skip
    found, notices = [], []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        told = {name: _plain(cell.strip()) for name, cell in zip(names, row, strict=False)}
        cells = {NAMED.get(name, name): cell for name, cell in told.items()} | told  # our own names come first
        one = PhotoLabel(**{column: cells.get(column, "") for column in COLUMNS})
        problem = _problem(one, classes)
        if problem:
            notices.append(Notice(f"Ligne {number} : {problem.fr}", f"Line {number}: {problem.en}"))
        else:
            found.append(one)
    return LabelsRead(tuple(found), tuple(notices))


def labelling_page(classes: Sequence[str] = CLASSES) -> str:
    """The labelling configuration to paste in Label Studio's project settings: one choice per class, with a key."""
    from xml.sax.saxutils import quoteattr

    keys = [f'hotkey="{number}"' if number < 10 else "" for number in range(1, len(classes) + 1)]
    choices = "\n".join(f"    <Choice value={quoteattr(name)} {key}/>" for name, key in zip(classes, keys, strict=True))
    return (
        f'<View>\n  <Image name="{IMAGE}" value="${IMAGE}"/>\n'
        f'  <Choices name="{CHOICE}" toName="{IMAGE}" choice="single" required="true">\n{choices}\n'
        "  </Choices>\n</View>\n"
    )


def labels_to_label_studio(labels: Iterable[PhotoLabel], address: Callable[[str], str] | None = None) -> str:
    """Tasks to import in a Label Studio project that has labelling_page. address: a photo's URL by its path.

    Label Studio refuses a whole file that names a person it does not know: who and when travel in the
    result's note instead, where labels_from_label_studio finds them again.
    """
    address = address or (lambda path: LOCAL_FILES + quote(path))
    tasks: dict[tuple[str, str], dict[str, Any]] = {}
    for number, one in enumerate(labels, 1):
        task = tasks.setdefault((one.path, one.sha256), {
            "id": len(tasks) + 1,
            "data": {IMAGE: address(one.path), "path": one.path, "sha256": one.sha256},
            "annotations": [],
        })  # fmt: skip
        task["annotations"].append({
            "id": number,
            "result": [{
                "id": f"label-{number}", "from_name": CHOICE, "to_name": IMAGE, "type": "choices",
                "value": {"choices": [one.label]},
                "meta": {"text": [BETWEEN.join((one.label, one.when, one.who))]},
            }],
            "was_cancelled": False, "ground_truth": False,
            **({"created_at": one.when, "updated_at": one.when} if one.when else {}),
        })  # fmt: skip
    return json.dumps(list(tasks.values()), ensure_ascii=False, indent=1) + "\n"


def labels_from_label_studio(text: str, classes: Sequence[str] = CLASSES) -> LabelsRead:
    """Read what Label Studio exports as JSON. Skipped annotations and predictions are no labels.

    who is the annotator's e-mail or number, unless the note says who gave this same label before. A photo is
    known by the path that we sent; of other tasks it is the file's name in the picture's URL.
    """
    try:
        tasks = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError:
        tasks = None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        return LabelsRead((), (Notice(
            "Ce fichier n'est pas un export JSON de Label Studio (une liste de tâches) : rien n'a été lu. "
            "Dans Label Studio, choisissez « Export », puis « JSON ».",
            "This file is not a Label Studio JSON export (a list of tasks): nothing was read. "
            "In Label Studio choose “Export”, then “JSON”.",
        ),))  # fmt: skip
    found, notices = [], []
    for place, task in enumerate(tasks, 1):
        data = task.get("data") if isinstance(task.get("data"), dict) else {}
        path = str(data.get("path") or _path_in(str(data.get(IMAGE, ""))))
        for annotation in task.get("annotations") or []:
            if not isinstance(annotation, dict) or annotation.get("was_cancelled"):
                continue
            one = _annotated(path, str(data.get("sha256") or ""), annotation)
            problem = _problem(one, classes)
            if problem:
                told = task.get("id", place)
                notices.append(Notice(f"Tâche {told} : {problem.fr}", f"Task {told}: {problem.en}"))
            else:
                found.append(one)
    return LabelsRead(tuple(found), tuple(notices))


def _annotated(path: str, sha256: str, annotation: dict[str, Any]) -> PhotoLabel:
    """One annotation's choice; the label is "" when it has none, or several."""
    results = [part for part in annotation.get("result") or [] if isinstance(part, dict)]
    chosen = [part for part in results if part.get("type") == "choices"]
    values = [str(name) for part in chosen for name in (part.get("value") or {}).get("choices") or []]
    label = values[0] if len(values) == 1 else ""
    by, when = annotation.get("completed_by"), str(annotation.get("updated_at") or annotation.get("created_at") or "")
    who = str(by.get("email") or by.get("id") or "") if isinstance(by, dict) else "" if by is None else str(by)
    for note in (note for part in chosen for note in (part.get("meta") or {}).get("text") or []):
        parts = str(note).split(BETWEEN, 2)
        if len(parts) == 3 and parts[0] == label:  # whoever changes the choice in Label Studio becomes its author
            _, when, who = parts
    return PhotoLabel(path, label, who, when, sha256)


def _path_in(url: str) -> str:
    """The photo's path in a picture URL: what follows ?d= for local files, else the file's name."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("d")
    return named[0] if named else unquote(parts.path).rsplit("/", 1)[-1]


def _problem(one: PhotoLabel, classes: Sequence[str]) -> Notice | None:
    if not (one.path or one.sha256):
        return Notice("aucune photo n'est nommée ; laissée de côté.", "no photo is named; left aside.")
    if one.label not in classes:
        known = ", ".join(classes)
        return Notice(f"« {one.label} » n'est pas une des étiquettes ({known}) ; laissée de côté.",
                      f"“{one.label}” is not one of the labels ({known}); left aside.")  # fmt: skip
    return None


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith((*FORMULA, "'")) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell
