"""What a person touches: the command line and the page, in French and English."""
