"""The hostile files dropped on the page: it stays up, takes the good photos and names the others in French."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from core.files import shown_name
from studio.photos import list_photos
from studio.workspace import Workspace
from tests.hostile import good_photos, hostile_files, write
from tests.hostile.answer import shortcomings
from tests.page.served import serving
from tests.page.visiting import Visitor

pytestmark = pytest.mark.slow
LARGEST = 2_000_000
"""Bytes of the largest file that is sent."""
SLOW = ("cent-mégapixels", "mille-passages")
"""Each takes seconds: they are the command line's (tests/test_hostile.py) and the soak's."""
AT_ONCE = 15
"""Files dropped at a time; the page shows the first twenty errors of each import."""


def test_hostile_files_dropped_on_the_page_cost_it_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    files = [file for file in hostile_files() if file.sendable and not file.name.startswith(SLOW)]
    made = write(folder, files)
    files = [file for file in files if file.name in made and made[file.name].stat().st_size <= LARGEST]
    assert len(files) >= 60
    with serving(tmp_path / "desk") as page:
        visitor = Visitor(page)
        sent = [visitor.upload(made[file.name].read_bytes(), shown_name(file.name)) for file in files]
        sent += [visitor.upload(data, name) for name, data in good_photos().items()]
        before = psutil.Process(page.process.pid).memory_info().rss
        messages: list[str] = []
        for start in range(0, len(sent), AT_ONCE):
            state = visitor.wait(visitor.call("import", files=sent[start : start + AT_ONCE])["job"])
            assert state["state"] == "done"
            assert len(state["errors"]) == state["failed"] == state["result"]["errors"]
            messages += state["errors"]
        grown = psutil.Process(page.process.pid).memory_info().rss - before
        assert page.process.poll() is None
        assert visitor.call("changes", after=0)["seq"] > 0
        visitor.close()
    assert grown < 300_000_000, "generous: the page's own process decodes nothing"
    workspace = Workspace.open(tmp_path / "desk", create=False)
    names = [photo.name for photo in list_photos(workspace)]
    assert shortcomings(files, good_photos(), names, messages) == []
    assert workspace.verify().problems == ()
    workspace.close()
