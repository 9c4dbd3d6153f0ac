#!/bin/sh
# Render the sample pictures, finish them and make the style pictures again: sh samples/make.sh [options of render.py]
set -eu
here=$(dirname "$0")
python=${PYTHON:-$here/../.venv/bin/python}
command -v blender >/dev/null || { echo "Blender 3.4 or newer is needed: apt-get install --no-install-recommends blender" >&2; exit 1; }
blender -b -P "$here/render.py" -- --out "$here" "$@"
"$python" "$here/finish.py" --out "$here"
"$python" "$here/make_styles.py" --out "$here/styles"
