#!/bin/sh
# Run the tests of a build folder and end with one line: N passed, M failed.  run_tests.sh FOLDER [MESON-OPTION]...
folder=$1
shift
meson test -C "$folder" --no-rebuild --print-errorlogs "$@"
code=$?
awk '
    /^Ok:|^Expected Fail:/             { passed += $NF }
    /^Fail:|^Unexpected Pass:|^Timeout:/ { failed += $NF }
    END { printf "%d passed, %d failed\n", passed, failed }' "$folder/meson-logs/testlog.txt"
exit $code
