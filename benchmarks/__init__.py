"""Side-by-side measurements against peers: ratios and medians, each run written with its machine."""
