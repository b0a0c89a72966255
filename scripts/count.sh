# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Counting tests for scripts/test: every section ends with counted results, failures are kept to be
# shown in full at the end.

PASSED=0
FAILED=0
SKIPPED=0
FAILURES= # files; set by count_start
SKIPS=    # a line for each that was skipped

count_start() { # DIRECTORY
    FAILURES=$1/failures
    SKIPS=$1/skips
    : >"$FAILURES"
    : >"$SKIPS"
}

# Adds results: how many passed, failed, were skipped.
count() { # PASSED FAILED SKIPPED
    PASSED=$((PASSED + $1))
    FAILED=$((FAILED + $2))
    SKIPPED=$((SKIPPED + $3))
}

# One test of its own: it passed if the status is 0.
count_one() { # NAME STATUS LOG
    if [ "$2" = 0 ]; then
        count 1 0 0
        return
    fi
    count 0 1 0
    failure "$1" "$3"
}

failure() { # TITLE LOG
    {
        printf '\n=== %s\n' "$1"
        tail -n 200 "$2"
    } >>"$FAILURES"
}

# Which tests of a log were skipped, with the reason where it is given (cmocka has none).
skips() { # TITLE LOG
    sed -nE 's/^[0-9]*:? *(not )?ok [0-9]+ *-? *(.*)# SKIP *(.*)$/\2(\3)/p' "$2" |
        sed -E "s/^\((.*)\)$/\1/; s|^|skipped: $1: |" >>"$SKIPS"
}

# Test Anything Protocol without nesting (the lint tests).
count_tap() { # TITLE LOG STATUS
    local passed failed skipped
    skipped=$(grep -cE '^ok .*# SKIP' "$2")
    passed=$(($(grep -cE '^ok ' "$2") - skipped))
    failed=$(grep -cE '^not ok ' "$2")
    [ "$3" = 0 ] || [ "$failed" -gt 0 ] || failed=1
    count "$passed" "$failed" "$skipped"
    skips "$1" "$2"
    if [ "$failed" -gt 0 ]; then
        sed -n '/^not ok/,/^\(ok\|1\.\.\)/{/^\(ok\|1\.\.\)/d;p}' "$2" >"$2.bad"
        [ -s "$2.bad" ] || cp "$2" "$2.bad"
        failure "$1" "$2.bad"
    fi
}

# The output of `ctest -V`, whose programs speak TAP. A program that died counts as one failure more,
# one that does not speak TAP as one test. What is skipped is "not ok" to cmocka 1.1.5.
count_ctest() { # TITLE LOG
    local passed failed skipped
    read -r passed failed skipped < <(awk '
        match($0, /^ *[0-9]+: +/) || match($0, /^[0-9]+: /) {
            number = $0; sub(/:.*/, "", number); number += 0
            line = substr($0, RLENGTH + 1); sub(/^[ \t]+/, "", line)
            if (line ~ /^(not )?ok [0-9]+.*# SKIP/) { skipped++; seen[number] = 1 }
            else if (line ~ /^ok [0-9]+/) { passed++; seen[number] = 1 }
            else if (line ~ /^not ok [0-9]+/) { failed++; seen[number] = 1; bad[number] = 1 }
            next
        }
        match($0, /Test +#[0-9]+:/) {
            number = substr($0, RSTART, RLENGTH); gsub(/[^0-9]/, "", number); number += 0
            if ($0 ~ / Passed +[0-9.]+ sec/) { if (!seen[number]) passed++ }
            else if ($0 ~ /\*\*\*Skipped/) { skipped++ }
            else if (!bad[number]) failed++
        }
        END { print passed + 0, failed + 0, skipped + 0 }' "$2")
    [ $((passed + failed)) -gt 0 ] || failed=1
    count "$passed" "$failed" "$skipped"
    skips "$1" "$2"
    if [ "$failed" -gt 0 ]; then
        local numbers
        numbers=$(sed -nE '/\*\*\*(Failed|Timeout|Exception|Not Run)/s/.*Test +#([0-9]+):.*/\1/p' "$2" | paste -sd'|')
        grep -E "^ *(${numbers:-x}): |\*\*\*" "$2" | grep -vE '^ *[0-9]+: +ok ' >"$2.bad"
        [ -s "$2.bad" ] || cp "$2" "$2.bad"
        failure "$1" "$2.bad"
    fi
}

# A test that cannot be run here.
count_skip() { # TITLE WHY
    count 0 0 1
    echo "skipped: $1: $2" >>"$SKIPS"
}

# What another run of scripts/test counted.
count_inner() { # TITLE LOG
    local passed failed skipped
    read -r passed failed skipped < <(sed -nE \
        's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p' "$2" | tail -n 1)
    count "${passed:-0}" "${failed:-1}" "${skipped:-0}"
    sed -n "s/^skipped: /&$1: /p" "$2" >>"$SKIPS"
}

# A number of the summary of `node --test`, 0 when there is none.
node_number() { # NAME LOG
    local found
    found=$(sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$2" | tail -n 1)
    echo "${found:-0}"
}

# The TAP of `node --test`, which nests; its own summary counts.
count_node() { # TITLE LOG STATUS
    local passed failed cancelled skipped
    passed=$(node_number pass "$2") failed=$(node_number fail "$2")
    cancelled=$(node_number cancelled "$2") skipped=$(node_number skipped "$2")
    failed=$((failed + cancelled))
    [ "$3" = 0 ] || [ "$failed" -gt 0 ] || failed=1
    count "$passed" "$failed" "$skipped"
    skips "$1" "$2"
    if [ "$failed" -gt 0 ]; then
        awk '/^ *not ok /{show = 1} /^ *(ok |# Subtest|1\.\.)/{show = 0} show' "$2" >"$2.bad"
        [ -s "$2.bad" ] || cp "$2" "$2.bad"
        failure "$1" "$2.bad"
    fi
}

# The last line of scripts/test.
count_line() {
    if [ "$SKIPPED" -gt 0 ]; then
        echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    else
        echo "$PASSED passed, $FAILED failed"
    fi
}
