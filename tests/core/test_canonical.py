"""The same value gives the same bytes and hash, whatever its order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical_json, sha256_of_file, sha256_of_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def test_keys_are_sorted_spaces_dropped_and_accents_kept() -> None:
    value = {"é": [1, 2.5, None], "a": {"z": True, "b": "ü"}}
    assert canonical_json(value) == '{"a":{"b":"ü","z":true},"é":[1,2.5,null]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_values_that_json_does_not_know_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


@given(JSON)
def test_reading_and_writing_again_gives_the_same_text(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


def test_hashes_are_those_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "deux blocs.bin"
    path.write_bytes(b"\x00\xff" * 700_000)
    assert sha256_of_file(path) == hashlib.sha256(b"\x00\xff" * 700_000).hexdigest()
    assert sha256_of_text("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()
