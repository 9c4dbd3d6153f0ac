"""Reads a PyTorch state dict without PyTorch and without running what a pickle asks for.

Both of torch.save's formats (torch/serialization.py) are read. Before version 1.6 (``_legacy_save``): five
pickles (magic number, protocol, system facts, the object, the storage keys), then for each key an
int64 count and the raw little-endian numbers. Since then: a zip with NAME/data.pkl, and the numbers of
each storage in NAME/data/KEY. Only the few names a state dict needs are resolved; everything else is
refused, so the Keras worker neither loads torch nor trusts the file.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import WeightsChanged

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8"), "HalfStorage": np.dtype("<f2")}


class _Storage:
    """A block of numbers that is announced by the pickle and read afterwards."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.values: NDArray[Any] = np.empty(0, dtype)


class _Tensor:
    """A strided view into a storage."""

    def __init__(self, storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def numpy(self) -> NDArray[Any]:
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        if 0 in self.size:
            return np.empty(self.size, self.storage.dtype)
        if self.offset < 0 or min(self.stride, default=0) < 0 or last >= len(self.storage.values):
            raise ValueError("a tensor reaches outside its storage")
        width = self.storage.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            self.storage.values[self.offset :], self.size, tuple(step * width for step in self.stride)
        ).copy()


def _parameter(tensor: _Tensor, *_: Any) -> _Tensor:
    """What a parameter holds; whether it wants a gradient does not matter here."""
    return tensor


class _StateDictUnpickler(pickle.Unpickler):
    """Knows OrderedDict, tensors and their storages; refuses every other name."""

    def __init__(self, stream: IO[bytes], storages: dict[str, _Storage]) -> None:
        super().__init__(stream)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _parameter
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"refused: {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, _count, *views = pid
        if kind != "storage" or any(view is not None for view in views):
            raise pickle.UnpicklingError("refused: not a plain storage")
        return self._storages.setdefault(key, _Storage(dtype))


def read_state_dict(path: Path, *, model: str = "") -> dict[str, NDArray[Any]]:
    """Name → array, in the file's order. Raises WeightsChanged when the file is not such a state dict."""
    try:
        tensors = _read_zip(path) if zipfile.is_zipfile(path) else _read_legacy(path)
        return {name: tensor.numpy() for name, tensor in tensors.items() if isinstance(tensor, _Tensor)}
    except (pickle.UnpicklingError, ValueError, KeyError, TypeError, EOFError, AttributeError, IndexError,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise WeightsChanged(model=model or path.stem, file=path.name) from error


def _read_legacy(path: Path) -> dict[str, Any]:
    storages: dict[str, _Storage] = {}
    with path.open("rb") as stream:
        if _StateDictUnpickler(stream, {}).load() != _MAGIC:
            raise ValueError("not a state dict of this format")
        for _ in range(2):  # protocol version, system facts
            _StateDictUnpickler(stream, {}).load()
        tensors: dict[str, Any] = _StateDictUnpickler(stream, storages).load()
        for key in _StateDictUnpickler(stream, {}).load():
            count = int.from_bytes(stream.read(8), "little", signed=True)
            storage = storages[key]
            data = stream.read(count * storage.dtype.itemsize)
            storage.values = np.frombuffer(data, storage.dtype, count)
    return tensors


def _read_zip(path: Path) -> dict[str, Any]:
    storages: dict[str, _Storage] = {}
    with zipfile.ZipFile(path) as archive:
        root = min(name for name in archive.namelist() if name.endswith("/data.pkl")).removesuffix("data.pkl")
        order = f"{root}byteorder"
        if order in archive.namelist() and archive.read(order) != b"little":
            raise ValueError("big-endian numbers")
        tensors: dict[str, Any] = _StateDictUnpickler(io.BytesIO(archive.read(f"{root}data.pkl")), storages).load()
        for key, storage in storages.items():
            storage.values = np.frombuffer(archive.read(f"{root}data/{key}"), storage.dtype)
    return tensors
