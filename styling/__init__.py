"""Photo + style photo -> photo.

Every engine keeps one small contract, `stylise(pixels, style, *, strength, report) -> Edited` (a
network adds its seed): the result has the photo's own size, strength 0 gives the photo to the bit,
the same inputs give the same bytes. Importing this package costs nothing.
"""
