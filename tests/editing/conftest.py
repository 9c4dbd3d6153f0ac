"""Tiny models of the real classes, made once for the whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_models import make_tiny_clipseg, make_tiny_inpainting


@pytest.fixture(scope="session")
def clipseg_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_clipseg(tmp_path_factory.mktemp("clipseg"))


@pytest.fixture(scope="session")
def inpainting_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_inpainting(tmp_path_factory.mktemp("inpainting"))
