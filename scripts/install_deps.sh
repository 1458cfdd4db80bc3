#!/bin/sh
# Install the Debian packages heddle needs, and only those that are missing.  Needs root or sudo for that.
set -e
packages="build-essential pkg-config meson ninja-build python3 libprotobuf-c-dev protobuf-c-compiler
          libfyaml-dev libjansson-dev libxxhash-dev libcmocka-dev libxgboost-dev"
if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "no Debian packages here: going on with what is installed; heddle needs, by their Debian names:" $packages >&2
    exit 0
fi
missing=""
for p in $packages; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null 2>&1; then
    root="sudo"
else
    echo "missing packages:$missing" >&2
    echo "as root: apt-get update && apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing:$missing"
$root apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
