"""What runs before anything is installed: find, check, install, and carry from a USB key. Standard library only."""
