"""What runs inside a worker: read the files, ask the engine, write the result, return values.

Only these modules import engines; studio's use cases name them as text.
"""
