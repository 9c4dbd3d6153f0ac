"""Labels come back as they went, through a table and through Label Studio's JSON."""

from __future__ import annotations

import json

import pytest

from classifier.labels_io import (
    PhotoLabel,
    labelling_page,
    labels_from_csv,
    labels_from_label_studio,
    labels_to_csv,
    labels_to_label_studio,
)

LABELS = (
    PhotoLabel("jour 1/IMG 0001.jpg", "ok", "Ana", "2026-06-13T16:00:01Z", "ab" * 32),
    PhotoLabel("jour 1/IMG 0001.jpg", "retoucher", "Luc · desk", "2026-06-13T17:00:01Z", "ab" * 32),
    PhotoLabel("été;24h,\"n°1\".jpg", "exclure", "", "", ""),
    PhotoLabel("=cmd.jpg", "ok", "@ana", "", "cd" * 32),
    PhotoLabel("'quoted.jpg", "ok", "ana@desk.example", "2026-06-13T18:00:00+02:00", ""),
)  # fmt: skip


def test_a_table_gives_back_every_label_as_it_was() -> None:
    text = labels_to_csv(LABELS)
    assert text.splitlines()[0] == "path,sha256,label,who,when"
    assert labels_from_csv(text).labels == LABELS
    assert labels_from_csv(text).notices == ()


def test_no_cell_of_the_table_begins_a_formula() -> None:
    assert "'=cmd.jpg" in labels_to_csv(LABELS)
    assert "'@ana" in labels_to_csv(LABELS)


def test_label_studio_gives_back_every_label_with_who_and_when() -> None:
    text = labels_to_label_studio(LABELS)
    assert labels_from_label_studio(text).labels == LABELS
    tasks = json.loads(text)
    assert [len(task["annotations"]) for task in tasks] == [2, 1, 1, 1]
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=jour%201/IMG%200001.jpg"
    assert all("completed_by" not in annotation for task in tasks for annotation in task["annotations"])


def test_whoever_changes_a_choice_in_label_studio_becomes_its_author() -> None:
    tasks = json.loads(labels_to_label_studio(LABELS[:1]))
    annotation = tasks[0]["annotations"][0]
    annotation["completed_by"] = {"id": 3, "email": "eve@desk.example"}
    kept = labels_from_label_studio(json.dumps(tasks)).labels[0]
    assert (kept.label, kept.who, kept.when) == ("ok", "Ana", "2026-06-13T16:00:01Z")
    annotation["result"][0]["value"]["choices"] = ["exclure"]
    annotation["updated_at"] = "2026-06-14T08:00:00Z"
    changed = labels_from_label_studio(json.dumps(tasks)).labels[0]
    assert (changed.label, changed.who, changed.when) == ("exclure", "eve@desk.example", "2026-06-14T08:00:00Z")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/data/local-files/?d=photos/a%20b.jpg", "photos/a b.jpg"),
        ("https://desk.example/x/%C3%A9t%C3%A9.jpg?token=1", "été.jpg"),
        ("/data/upload/7/1a2b3c4d-IMG_1.jpg", "1a2b3c4d-IMG_1.jpg"),
    ],
)
def test_a_task_that_label_studio_made_itself_is_read(url: str, path: str) -> None:
    choice = {"from_name": "choice", "to_name": "image", "type": "choices", "value": {"choices": ["ok"]}}
    skipped = {"completed_by": 1, "was_cancelled": True, "result": [choice]}
    done = {"completed_by": 12, "was_cancelled": False, "result": [choice], "created_at": "2026-01-01T00:00:00Z"}
    task = {"id": 4, "data": {"image": url}, "annotations": [skipped, done], "predictions": [{"result": [choice]}]}
    found = labels_from_label_studio(json.dumps([task]))
    assert found.labels == (PhotoLabel(path, "ok", "12", "2026-01-01T00:00:00Z"),)


def test_a_french_spreadsheets_table_is_read_and_what_is_wrong_in_it_is_told() -> None:
    text = "\ufeffFichier;Étiquette;Qui\na.jpg;ok;Ana\nb.jpg;joli;Ana\n;ok;\n\nc.jpg;exclure;Luc\n"
    found = labels_from_csv(text)
    assert found.labels == (PhotoLabel("a.jpg", "ok", "Ana"), PhotoLabel("c.jpg", "exclure", "Luc"))
    assert [notice.en for notice in found.notices] == [
        "Line 3: “joli” is not one of the labels (ok, retoucher, exclure); left aside.",
        "Line 4: no photo is named; left aside.",
    ]


def test_the_table_that_label_studio_makes_of_our_tasks_is_read() -> None:
    head = "annotation_id,annotator,created_at,id,image,lead_time,path,sha256,updated_at,verdict"
    line = '"7","eve@desk.example","2026-06-13T10:00:00Z","1","/data/x","3.2","a b.jpg","","2026-06-13T17:00:01Z","ok"'
    found = labels_from_csv(f"{head}\n{line}\n")
    assert found.labels == (PhotoLabel("a b.jpg", "ok", "eve@desk.example", "2026-06-13T17:00:01Z"),)


def test_two_choices_on_one_photo_are_no_label() -> None:
    tasks = json.loads(labels_to_label_studio(LABELS[:1]))
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["ok", "exclure"]
    found = labels_from_label_studio(json.dumps(tasks))
    assert found.labels == ()
    assert found.notices[0].en.startswith("Task 1: “”")


@pytest.mark.parametrize("text", ["{}", "[1]", "no json", ""])
def test_a_file_that_is_no_export_is_refused_with_what_to_do(text: str) -> None:
    found = labels_from_label_studio(text)
    assert found.labels == ()
    assert "« Export »" in found.notices[0].fr


def test_a_table_without_the_needed_columns_is_refused() -> None:
    assert "“label”" in labels_from_csv("path,kind\na,ok\n").notices[0].en
    assert labels_from_csv("").labels == ()


def test_other_classes_than_ours_travel_too() -> None:
    cars = ("AM General Hummer", "Ram C/V <van> & \"co\"")  # fmt: skip
    labels = tuple(PhotoLabel(f"{index}.jpg", name) for index, name in enumerate(cars))
    assert labels_from_label_studio(labels_to_label_studio(labels), cars).labels == labels
    assert labels_from_csv(labels_to_csv(labels), cars).labels == labels
    from xml.etree import ElementTree

    page = ElementTree.fromstring(labelling_page(cars))
    assert [choice.get("value") for choice in page.iter("Choice")] == list(cars)
