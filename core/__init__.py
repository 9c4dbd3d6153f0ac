"""Values, errors, settings, reading and writing images, where weights come from."""
