"""Photos and captions become pages, and pages become a PDF or HTML. Imports nothing but core."""
