#!/bin/sh
# Configure a build folder with Meson if it is new or the set of C files changed: configure.sh FOLDER [OPTION]...
set -e
folder=$1
shift
list=$(find src tests fuzz bench examples \( -name '*.c' -o -name '*.proto' -o -name meson.build \) 2>/dev/null | LC_ALL=C sort)
if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$@"
elif [ "$list" != "$(cat "$folder/.sources" 2>/dev/null)" ]; then
    meson setup --reconfigure "$folder" "$@"
fi
printf '%s\n' "$list" > "$folder/.sources"
