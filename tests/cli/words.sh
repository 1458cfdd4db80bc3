# What the tests of the command are written in; sourced with the command as $1.
heddle=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bad=0

# expect CODE PATTERN ARGUMENT...: the exit code, and a line of either output that matches
expect() {
    code=$1
    pattern=$2
    shift 2
    "$heddle" "$@" > "$folder/out" 2> "$folder/err"
    got=$?
    if [ "$got" != "$code" ]; then
        echo "FAIL heddle $*: exit $got, expected $code"
        cat "$folder/err"
        bad=$((bad + 1))
    elif ! cat "$folder/out" "$folder/err" | grep -q -e "$pattern"; then
        echo "FAIL heddle $*: no line matches '$pattern':"
        head -5 "$folder/out" "$folder/err"
        bad=$((bad + 1))
    fi
}

# check NAME COMMAND...: the command succeeds
check() {
    name=$1
    shift
    if ! "$@"; then
        echo "FAIL $name"
        bad=$((bad + 1))
    fi
}
