"""The page: a desk in the browser, made of components of our own, over studio's use cases."""
