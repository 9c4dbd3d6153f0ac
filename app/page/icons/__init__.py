"""The application's icons, as PNG files, and the script that draws them."""
