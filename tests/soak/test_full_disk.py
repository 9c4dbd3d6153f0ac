"""A disk that fills up costs nothing that was acknowledged, and every refusal says that it is full."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.full_disk import NoSmallDisk, run, small_disk


def test_a_full_disk_refuses_in_words_and_loses_nothing(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    try:
        with small_disk(tmp_path / "disk") as disk:
            found = run(disk, scratch, seed=11, rounds=2, acts=15)
    except NoSmallDisk as reason:
        pytest.skip(str(reason))
    assert found["losses"] == []
    assert found["acknowledged_acts"] > 10
    assert sum(found["refused_by_kind"].values()) > 0
