"""Photo + words, box or strokes -> mask; photo + mask (+ wish) -> photo.

Values come from core, regions from scene; torch, transformers, diffusers and OpenCV are imported
inside the functions that need them, so importing this package costs nothing.
"""
