# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What scripts/demo, scripts/test and bench/run share: installing what is missing, building.

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "error: $*"
    exit 1
}

# Packages that are missing, found by looking for the command, the header or the library itself: who
# has it from elsewhere keeps it.
MISSING=()

need_command() { # COMMAND PACKAGE...
    command -v "$1" >/dev/null 2>&1 || MISSING+=("${@:2}")
}

need_header() { # HEADER PKG-CONFIG-MODULE PACKAGE
    { command -v pkg-config && pkg-config --exists "$2" && have_header "$1" "$2"; } >/dev/null 2>&1 ||
        MISSING+=("$3")
}

have_header() { # HEADER PKG-CONFIG-MODULE
    local flags
    read -ra flags < <(pkg-config --cflags "$2")
    printf '#include <stddef.h>\n#include <stdarg.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <%s>\n' "$1" |
        cc -fsyntax-only -x c "${flags[@]}" -
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Installs what was found missing; quiet unless it fails.
install_missing() {
    [ ${#MISSING[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        die "please install what Debian calls: ${MISSING[*]}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
        die "packages are missing, and there is no sudo to install them. As root: apt-get install ${MISSING[*]}"
    say "installing: ${MISSING[*]}"
    local log
    log=$(mktemp)
    if ! { as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${MISSING[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        die "could not install: ${MISSING[*]}"
    fi
    rm -f "$log"
    MISSING=()
}

# What every build needs; cmocka because the tests are configured with it, python3 for them and for
# scripts/sbom.
need_build_tools() {
    need_command cc gcc libc6-dev
    need_command cmake cmake
    need_command ninja ninja-build
    need_command pkg-config pkg-config
    need_header curl/curl.h libcurl libcurl4-openssl-dev
    need_header cjson/cJSON.h libcjson libcjson-dev
    need_header openssl/evp.h libcrypto libssl-dev
    need_header sqlite3.h sqlite3 libsqlite3-dev
    need_header systemd/sd-event.h libsystemd libsystemd-dev
    need_header microhttpd.h libmicrohttpd libmicrohttpd-dev
    need_header jwt.h libjwt libjwt-dev
    need_header cmocka.h cmocka libcmocka-dev
    need_command python3 python3
}

# Configures and builds everything, or what stands behind "--"; the log is shown only when it fails.
build() { # DIRECTORY [CMAKE-OPTION...] [-- TARGET...]
    local directory=$1 log options=() targets=()
    shift
    command -v ccache >/dev/null 2>&1 && options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ $# -eq 0 ] || targets=("${@:2}")
    mkdir -p "$directory"
    log=$directory/build.log
    if ! { cmake -S . -B "$directory" -G Ninja "${options[@]}" &&
        ninja -C "$directory" "${targets[@]}"; } >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        return 1
    fi
}
