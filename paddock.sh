#!/bin/sh
# Starts Paddock: finds a Python that fits, then app/start/install.py installs what is missing and opens the page.
# A double click on Linux; Paddock.command does the same on macOS. Arguments go to install.py.

here=$0
while [ -L "$here" ]; do # a link on the desktop
    link=$(readlink "$here")
    case $link in /*) here=$link ;; *) here=$(dirname "$here")/$link ;; esac
done
cd "$(dirname "$here")" || exit 1

# Started by a file manager without a terminal, nothing could be read: open one.
if [ ! -t 1 ] && [ ! -p /dev/stdout ] && [ -z "$PADDOCK_TERMINAL" ] && [ -n "$DISPLAY$WAYLAND_DISPLAY" ]; then
    PADDOCK_TERMINAL=1
    export PADDOCK_TERMINAL
    for terminal in x-terminal-emulator gnome-terminal konsole xfce4-terminal xterm; do
        command -v "$terminal" >/dev/null 2>&1 || continue
        case $terminal in gnome-terminal) run=-- ;; xfce4-terminal) run=-x ;; *) run=-e ;; esac
        exec "$terminal" "$run" sh "$(pwd)/$(basename "$here")" "$@"
    done
fi

case ${PADDOCK_LANG:-${LC_ALL:-$LANG}} in en*) lang=en ;; *) lang=fr ;; esac

finish() { # the window stays open until the person has read why
    if [ -t 0 ]; then
        if [ "$lang" = en ]; then printf '\nPress Enter to close this window. '; else printf '\nAppuyez sur Entrée pour fermer cette fenêtre. '; fi
        read -r _
    fi
    exit "$1"
}

project=
for folder in . paddock; do # "paddock": the launchers of an installation key lie above the project
    if [ -f "$folder/app/start/install.py" ]; then project=$folder && break; fi
done
if [ -z "$project" ]; then
    echo "Paddock : il manque app/start/install.py dans $(pwd). Sortez d'abord tout le dossier de l'archive, puis relancez."
    echo "Paddock: app/start/install.py is missing in $(pwd). Take the whole folder out of the archive first, then start again."
    finish 1
fi

# macOS answers /usr/bin/python3 with an offer to install developer tools when they are absent: leave it alone then.
usable() {
    case $(command -v "$1") in
        "") return 1 ;;
        /usr/bin/python3) [ "$(uname)" != Darwin ] || xcode-select -p >/dev/null 2>&1 || return 1 ;;
    esac
    "$1" -c "import sys$2; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)))" >/dev/null 2>&1
}

# First one that can also make environments; failing that any that fits, so that install.py says what it lacks.
python=
for needs in ", venv, ensurepip" ""; do
    for name in "$PADDOCK_PYTHON" python3.11 python3.12 python3.13 \
        /opt/homebrew/bin/python3.11 /opt/homebrew/bin/python3.12 /opt/homebrew/bin/python3.13 \
        /Library/Frameworks/Python.framework/Versions/3.11/bin/python3.11 \
        /Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12 \
        /Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13 python3 python; do
        if [ -n "$name" ] && usable "$name" "$needs"; then python=$name && break 2; fi
    done
done
if [ -z "$python" ]; then
    cat "$project/app/start/words/python.$lang.txt"
    finish 3
fi

"$python" "$project/app/start/install.py" --open "$@"
code=$?
if [ "$code" -ne 0 ]; then finish "$code"; fi
