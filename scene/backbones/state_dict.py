"""Reads a PyTorch state dict without PyTorch and without running what a pickle asks for.

The format is torch.save's of before version 1.6 (torch/serialization.py, ``_legacy_save``): five
pickles (magic number, protocol, system facts, the object, the storage keys), then for each key an
int64 count and the raw little-endian numbers. Only the few names a state dict needs are resolved;
everything else is refused, so the Keras worker neither loads torch nor trusts the file.
"""

from __future__ import annotations

import pickle
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
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"refused: {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _location, _count, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("refused: not a plain storage")
        return self._storages.setdefault(key, _Storage(dtype))


def read_state_dict(path: Path, *, model: str = "") -> dict[str, NDArray[Any]]:
    """Name → array, in the file's order. Raises WeightsChanged when the file is not such a state dict."""
    storages: dict[str, _Storage] = {}
    try:
        with path.open("rb") as stream:
            if _StateDictUnpickler(stream, {}).load() != _MAGIC:
                raise ValueError("not a state dict of this format")
            for _ in range(2):  # protocol version, system facts
                _StateDictUnpickler(stream, {}).load()
            tensors = _StateDictUnpickler(stream, storages).load()
            for key in _StateDictUnpickler(stream, {}).load():
                count = int.from_bytes(stream.read(8), "little", signed=True)
                storage = storages[key]
                data = stream.read(count * storage.dtype.itemsize)
                storage.values = np.frombuffer(data, storage.dtype, count)
        return {name: tensor.numpy() for name, tensor in tensors.items() if isinstance(tensor, _Tensor)}
    except (pickle.UnpicklingError, ValueError, KeyError, TypeError, EOFError, AttributeError, IndexError) as error:
        raise WeightsChanged(model=model or path.stem, file=path.name) from error
