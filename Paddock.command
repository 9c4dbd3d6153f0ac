#!/bin/sh
# Starts Paddock on macOS with a double click: the same as paddock.sh, which lies beside it.
exec sh "$(dirname "$0")/paddock.sh" "$@"
