"""Undo: a person's newest act is taken back by a record of its own, and a colleague's word is never lost."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from audit.ledger import Item
from core.errors import ChoiceError
from core.settings import Settings
from core.values import Origin
from studio import judging
from studio.correcting import accept
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.importing import import_photos
from studio.judging import decide
from studio.photos import PhotoState, get_photo, list_photos
from studio.stylizing import add_styles, list_styles
from studio.undoing import last_act, undo
from studio.workspace import Workspace
from tests.made import saved, scene


@pytest.fixture
def shas(desk: Desk, photos_folder: Path) -> list[str]:
    """Three imported photos, by name: panneau.png, virage.jpg, été à l'aube.jpg."""
    import_photos(desk, [photos_folder])
    return [photo.sha for photo in sorted(list_photos(desk.workspace), key=lambda photo: photo.name)]


def _hands(desk: Desk, shas: list[str]) -> list[str]:
    return [get_photo(desk.workspace, sha).hand for sha in shas]


def _version(desk: Desk, photo: str, tmp_path: Path, seed: int) -> str:
    """A corrected version of a photo, as a correction records it."""
    stored = desk.workspace.store.add(saved(tmp_path / f"made-{seed}.png", scene(30, 20, seed=seed)))
    desk.workspace.record(
        "remove", who=desk.who, subject=photo, inputs=[Item(photo, "version", "a.png")],
        outputs=[Item(stored.sha256, "corrected", f"corrige-{seed}.png", stored.size)],
        parameters={"changed_inside": 1, "changed_outside": 0}, origin=Origin("algorithm", "patchmatch"),
    )  # fmt: skip
    return stored.sha256


def test_a_verdict_is_taken_back_and_the_record_says_which_it_undoes(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "ok")
    decide(desk, shas[:1], "exclure")
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    (change,) = act.changes
    assert (act.action, change.name, change.after, change.before) == ("decide", "panneau.png", "exclure", "ok")
    undo(desk, act.seq)
    assert _hands(desk, shas[:1]) == ["ok"]
    event = desk.workspace.events()[-1]
    assert dict(event.parameters) == {"label": "ok", "before": "exclure", "model": None, "undoes": act.seq}
    assert event.actor == "Camille"


def test_undoing_again_and_again_walks_further_back_until_nothing_is_left(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "ok")
    decide(desk, shas[1:2], "retoucher")
    decide(desk, shas[:1], "exclure")
    seen = []
    while (act := last_act(desk.workspace, "Camille")) is not None:
        undo(desk, act.seq)
        seen.append(_hands(desk, shas[:2]))
    assert seen == [["ok", "retoucher"], ["ok", ""], ["", ""]]
    assert len([event for event in desk.workspace.events() if event.action == "decide"]) == 6, "nothing is deleted"


def test_a_verdict_over_several_photos_is_one_act_and_undone_as_one(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "exclure")
    decide(desk, shas, "ok")
    groups = [event.parameters.get("group") for event in desk.workspace.events() if event.action == "decide"]
    assert groups[0] is None
    assert len(set(groups[1:])) == 1 and groups[1]
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    assert [(change.after, change.before) for change in act.changes] == [("ok", "exclure"), ("ok", ""), ("ok", "")]
    undo(desk, act.seq)
    assert _hands(desk, shas) == ["exclure", "", ""]
    undone = desk.workspace.events()[-3:]
    assert [event.parameters["undoes"] for event in undone] == [change.seq for change in act.changes]
    assert len({event.parameters["group"] for event in undone}) == 1
    before = last_act(desk.workspace, "Camille")
    assert before is not None and [change.after for change in before.changes] == ["exclure"]


def test_a_colleague_s_later_word_is_kept_and_named_while_the_rest_of_the_group_goes_back(
    desk: Desk, shas: list[str]
) -> None:
    decide(desk, shas, "ok")
    decide(desk.acting("Zoé"), shas[1:2], "exclure")
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    done = undo(desk, act.seq)
    assert [(change.name, change.later) for change in done.kept] == [("virage.jpg", "Zoé")]
    assert _hands(desk, shas) == ["", "exclure", ""]


@pytest.mark.parametrize("theirs", ["exclure", "ok"])
def test_what_a_colleague_decided_since_is_refused_with_words_and_nothing_is_recorded(
    desk: Desk, shas: list[str], theirs: str
) -> None:
    decide(desk, shas[:1], "ok")
    mine = last_act(desk.workspace, "Camille")
    assert mine is not None
    decide(desk.acting("Zoé"), shas[:1], theirs)
    head = desk.workspace.head()
    with pytest.raises(ChoiceError, match=r"“panneau.png” was given another verdict since \(Zoé\)") as refused:
        undo(desk, mine.seq)
    assert "« panneau.png » a reçu un autre avis depuis (Zoé)" in refused.value.message("fr")
    assert desk.workspace.head() == head
    assert last_act(desk.workspace, "Camille") is None, "what would be refused is not offered again"
    theirs_act = last_act(desk.workspace, "Zoé")
    assert theirs_act is None if theirs == "ok" else theirs_act is not None


def test_after_the_colleague_took_theirs_back_mine_can_be_undone_again(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "ok")
    zoe = desk.acting("Zoé")
    decide(zoe, shas[:1], "exclure")
    theirs = last_act(desk.workspace, "Zoé")
    assert theirs is not None
    undo(zoe, theirs.seq)
    assert _hands(desk, shas[:1]) == ["ok"]
    mine = last_act(desk.workspace, "Camille")
    assert mine is not None
    undo(desk, mine.seq)
    assert _hands(desk, shas[:1]) == [""]


def test_only_one_s_own_acts_are_offered_and_undone_and_only_once(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "ok")
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    assert last_act(desk.workspace, "Zoé") is None
    with pytest.raises(ChoiceError, match="done by Camille"):
        undo(desk.acting("Zoé"), act.seq)
    undo(desk, act.seq)
    with pytest.raises(ChoiceError, match="undone already"):
        undo(desk, act.seq)
    with pytest.raises(ChoiceError, match="nothing to undo"):
        undo(desk, 1)


def test_a_verdict_that_changes_nothing_is_not_offered(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:1], "ok")
    first = last_act(desk.workspace, "Camille")
    decide(desk, shas[:1], "ok")
    assert last_act(desk.workspace, "Camille") == first
    assert first is not None
    undo(desk, first.seq)
    assert _hands(desk, shas[:1]) == [""]


def test_accepted_versions_go_back_one_by_one_to_an_earlier_version_and_to_the_original(
    desk: Desk, shas: list[str], tmp_path: Path
) -> None:
    photo = shas[0]
    first, second = (_version(desk, photo, tmp_path, seed) for seed in (1, 2))
    accept(desk, photo, first)
    accept(desk, photo, second)
    newest = last_act(desk.workspace, "Camille")
    assert newest is not None
    (change,) = newest.changes
    assert (newest.action, change.after, change.before) == ("accept", second, first)
    undo(desk, newest.seq)
    assert get_photo(desk.workspace, photo).current == first
    event = desk.workspace.events()[-1]
    assert (event.action, event.parameters["undoes"], event.inputs[0].name) == ("accept", newest.seq, "corrige-1.png")
    older = last_act(desk.workspace, "Camille")
    assert older is not None
    undo(desk, older.seq)
    state = get_photo(desk.workspace, photo)
    assert (state.current, state.corrected) == (photo, False)
    assert desk.workspace.events()[-1].inputs[0] == Item(photo, "version", "panneau.png")
    assert desk.workspace.store.has(first) and desk.workspace.store.has(second)


def test_a_verdict_and_an_accepted_version_of_one_photo_do_not_stand_in_each_other_s_way(
    desk: Desk, shas: list[str], tmp_path: Path
) -> None:
    version = _version(desk, shas[0], tmp_path, 1)
    accept(desk, shas[0], version)
    decide(desk.acting("Zoé"), shas[:1], "ok")
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    undo(desk, act.seq)
    state = get_photo(desk.workspace, shas[0])
    assert (state.current, state.hand) == (shas[0], "ok")


def test_after_reopening_the_workspace_the_same_act_is_offered_and_undone_and_all_verifies(
    desk: Desk, shas: list[str]
) -> None:
    decide(desk, shas[:2], "retoucher")
    act = last_act(desk.workspace, "Camille")
    desk.workspace.close()
    again = Workspace.open(desk.workspace.folder)
    assert act is not None
    assert last_act(again, "Camille") == act
    undo(Desk(again, InlineEngines(), Settings(workspace=again.folder), "Camille"), act.seq)
    assert [get_photo(again, sha).hand for sha in shas[:2]] == ["", ""]
    assert again.verify().holds
    again.close()


def test_a_workspace_from_before_undo_was_kept_learns_its_acts_when_it_is_opened(desk: Desk, shas: list[str]) -> None:
    decide(desk, shas[:2], "exclure")
    act = last_act(desk.workspace, "Camille")
    photos = list_photos(desk.workspace)
    desk.workspace.close()
    with sqlite3.connect(desk.workspace.folder / "paddock.db") as connection:
        connection.execute("DROP TABLE acts")
    connection.close()
    again = Workspace.open(desk.workspace.folder)
    assert last_act(again, "Camille") == act
    assert list_photos(again) == photos
    assert again.verify().holds
    again.close()


def test_style_images_added_at_once_are_withdrawn_as_one_and_their_files_stay(desk: Desk, tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"style-{number}.png", scene(20, 20, seed=number)) for number in range(3)]
    add_styles(desk, paths[:1], built_in=True)
    assert last_act(desk.workspace, "Camille") is None, "what travels with Paddock is nobody's act"
    added, _ = add_styles(desk, paths[1:])
    act = last_act(desk.workspace, "Camille")
    assert act is not None
    assert (act.action, [change.name for change in act.changes]) == ("add-style", ["style-1.png", "style-2.png"])
    undo(desk, act.seq)
    assert [style.name for style in list_styles(desk)] == ["style-0.png"]
    assert [event.parameters["undoes"] for event in desk.workspace.events()[-2:]] == [
        change.seq for change in act.changes
    ]
    assert all(desk.workspace.store.has(style.sha) for style in added)
    assert last_act(desk.workspace, "Camille") is None
    add_styles(desk, paths[1:2])
    assert [style.name for style in list_styles(desk)] == ["style-0.png", "style-1.png"]
    assert desk.workspace.verify().holds


def test_a_word_that_comes_while_another_is_recorded_is_not_lost_by_undoing(
    desk: Desk, photos_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = import_photos(desk, [photos_folder]).added[0]
    look, others = judging.get_photo, []

    def bob_speaks_now(workspace: Workspace, sha: str) -> PhotoState:
        state = look(workspace, sha)
        if not others:
            others.append(threading.Thread(target=decide, args=(desk.acting("Bob"), [photo], "exclure")))
            others[0].start()
            others[0].join(0.3)
        return state

    monkeypatch.setattr(judging, "get_photo", bob_speaks_now)
    decide(desk, [photo], "ok")
    others[0].join()
    assert get_photo(desk.workspace, photo).hand == "exclure"
    with pytest.raises(ChoiceError, match="Bob"):
        undo(desk, desk.workspace.head().size - 1)
    assert get_photo(desk.workspace, photo).hand == "exclure"
