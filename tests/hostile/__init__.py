"""Files that a folder of photos may hold by mischance or malice: made by code, small on disk, the same each time.

Not one of them is a photo of anybody. ``hostile_files`` lists them; ``write`` puts them into a folder.
"""

from __future__ import annotations

from tests.hostile.corpus import Hostile, good_photos, hostile_files, write

__all__ = ["Hostile", "good_photos", "hostile_files", "write"]
