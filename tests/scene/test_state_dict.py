"""The reader of published weights: equal to PyTorch's own, and deaf to what a pickle asks for."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from core.errors import WeightsChanged
from scene.backbones import find_weights
from scene.backbones.state_dict import read_state_dict

LITE0 = "efficientnet-lite0"


def test_every_tensor_of_the_published_file_is_what_torch_reads() -> None:
    import torch

    file = find_weights(LITE0).file
    ours, theirs = read_state_dict(file), torch.load(file, weights_only=True)
    assert list(ours) == list(theirs)
    assert len(ours) == 296
    for name, tensor in theirs.items():
        np.testing.assert_array_equal(ours[name], tensor.numpy())


@pytest.mark.parametrize("zipped", [False, True])
def test_a_strided_view_is_read_as_torch_lays_it_out_in_both_formats(tmp_path: Path, zipped: bool) -> None:
    import torch

    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    torch.save({"view": whole.t()[1:3]}, tmp_path / "old.pth", _use_new_zipfile_serialization=zipped)
    np.testing.assert_array_equal(read_state_dict(tmp_path / "old.pth")["view"], whole.t()[1:3].numpy())


def test_a_pickle_that_wants_to_run_something_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (tmp_path / "ran",))

    parts = [0x1950A86A20F9469CFC6C, 1001, {}, Evil(), []]
    (tmp_path / "evil.pth").write_bytes(b"".join(pickle.dumps(part, protocol=2) for part in parts))
    with pytest.raises(WeightsChanged):
        read_state_dict(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_a_zip_is_not_trusted_either(tmp_path: Path) -> None:
    import zipfile

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (tmp_path / "ran",))

    for name, content in {"evil": pickle.dumps(Evil(), protocol=2), "empty": None}.items():
        with zipfile.ZipFile(tmp_path / f"{name}.pth", "w") as archive:
            if content is not None:
                archive.writestr("evil/data.pkl", content)
        with pytest.raises(WeightsChanged, match=name):
            read_state_dict(tmp_path / f"{name}.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("keep", [0, 100, 30_000, 2_000_000])
def test_a_truncated_file_is_told_as_changed(tmp_path: Path, keep: int) -> None:
    (tmp_path / "cut.pth").write_bytes(find_weights(LITE0).file.read_bytes()[:keep])
    with pytest.raises(WeightsChanged, match=r"cut\.pth"):
        read_state_dict(tmp_path / "cut.pth")
