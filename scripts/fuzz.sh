#!/bin/sh
# Fuzz the readers with libFuzzer (needs clang and its runtimes: apt-get install clang libclang-rt-14-dev).
# usage: scripts/fuzz.sh [SECONDS-EACH] [READER]...       what crashed is left in build-fuzz/found/
set -e
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
readers=${*:-$(ls fuzz/fuzz_*.c | sed 's/.*fuzz_\(.*\)\.c/\1/')}
CC=clang sh scripts/configure.sh build-fuzz -Dfuzz=true -Dtests=disabled -Dbench=false -Dbuildtype=debugoptimized \
    -Db_ndebug=false -Db_sanitize=address,undefined -Db_lundef=false
failed=0
for reader in $readers; do
    ninja -C build-fuzz "fuzz/fuzz_$reader"
    grown=build-fuzz/corpus/$reader
    mkdir -p "$grown" build-fuzz/found
    seeds=fuzz/corpus/$reader
    [ "$reader" = onnx ] && seeds=$(dirname tests/data/onnx/*/*.onnx | sort -u)
    UBSAN_OPTIONS=halt_on_error=1 "build-fuzz/fuzz/fuzz_$reader" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix="build-fuzz/found/$reader-" "$grown" $seeds || failed=1
done
exit $failed
