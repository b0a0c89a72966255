# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Test Anything Protocol for the lint tests.

TAP_NUMBER=0
TAP_FAILED=0

# A test that passes when there is nothing to complain about.
check() { # NAME COMPLAINTS
    TAP_NUMBER=$((TAP_NUMBER + 1))
    if [ -z "$2" ]; then
        echo "ok $TAP_NUMBER - $1"
        return
    fi
    echo "not ok $TAP_NUMBER - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
    TAP_FAILED=1
}

skip() { # NAME WHY
    TAP_NUMBER=$((TAP_NUMBER + 1))
    echo "ok $TAP_NUMBER - $1 # SKIP $2"
}

tap_end() {
    echo "1..$TAP_NUMBER"
    exit $TAP_FAILED
}
