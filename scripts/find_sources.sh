#!/bin/sh
# List C files below a folder, one a line, sorted: find_sources.sh FOLDER PATTERN [EXCLUDED-PATTERN]
# Meson reads the list when it configures; `make` configures anew when the list has changed.
cd "$(dirname "$0")/.." || exit 1
[ -d "$1" ] || exit 0
if [ -n "$3" ]; then
    find "$1" -name "$2" ! -name "$3" | LC_ALL=C sort
else
    find "$1" -name "$2" | LC_ALL=C sort
fi
