# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A machine for tests: a real systemd in namespaces of its own (tests/systemd/boot), its life and
# how to run commands in it.

MACHINE=       # the process that holds the namespaces
MACHINE_INIT=  # its process 1, as seen from here
MACHINE_WORK=  # a directory for the stage, logs and the overlay
MACHINE_GROUP= # its cgroup
MACHINE_LOWER=/ # the root that it is made from; another one has a systemd of its own

# A condition's status when it will never hold. Not 1 or 2: `[` has those, 2 for an empty number.
NEVER=75

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NAME=dockbell-machine

# Why no machine can be had here; nothing when one can.
machine_obstacle() {
    local command
    [ "$(id -u)" = 0 ] || { echo "needs root"; return; }
    for command in unshare nsenter setpriv findmnt ip curl ps pgrep systemctl; do
        command -v "$command" >/dev/null 2>&1 || { echo "needs the command $command"; return; }
    done
    [ -x /lib/systemd/systemd ] || { echo "needs systemd"; return; }
    [ -n "$(group_root)" ] || { echo "needs a cgroup2 file system"; return; }
    try_namespaces || { echo "this machine does not allow new namespaces, or no overlay in them"; return; }
    try_group || echo "this machine does not allow a new cgroup"
}

group_root() {
    findmnt --noheadings --types cgroup2 --output TARGET | head -n 1
}

try_namespaces() {
    local directory status
    directory=$(mktemp -d)
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --propagation private --cgroup --uts --ipc --net --pid --fork --kill-child \
        bash -c 'mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir u w r &&
            mount -t overlay -o lowerdir=/,upperdir="$1/u",workdir="$1/w" overlay r &&
            cd r && mkdir -p old && pivot_root . old' - "$directory" \
        >/dev/null 2>&1
    status=$?
    rmdir "$directory"
    return $status
}

try_group() {
    local group
    group=$(group_root)/$NAME.$$
    mkdir "$group" 2>/dev/null && rmdir "$group"
}

# Removes what a run left that was killed before it could: an empty cgroup (it is named by its
# process) and its directory.
sweep() {
    local group
    find "${TMPDIR:-/tmp}" -maxdepth 1 -type d -name "$NAME.*" -mmin +60 -exec rm -rf {} +
    for group in "$(group_root)/$NAME".*; do
        if [ -d "$group" ] && ! kill -0 "${group##*.}" 2>/dev/null; then
            find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
        fi
    done
}

# Makes the working directory, with an empty stage.
machine_prepare() {
    sweep
    MACHINE_WORK=$(mktemp -d -t "$NAME.$$.XXXXXX")
    MACHINE_GROUP=$(group_root)/$NAME.$$
    mkdir "$MACHINE_WORK/stage" "$MACHINE_WORK/root"
    chmod 755 "$MACHINE_WORK/stage"
}

# Boots the stage. False when it does not come up.
machine_boot() {
    mkdir "$MACHINE_GROUP" || return 1
    # It dies with this script, whatever ends that.
    # shellcheck disable=SC2016 # expanded by the inner shell
    setpriv --pdeathsig KILL bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - \
        "$MACHINE_GROUP" "$HERE/boot" "$MACHINE_WORK/root" "$MACHINE_WORK/stage" "$MACHINE_LOWER" \
        >"$MACHINE_WORK/boot.log" 2>&1 </dev/null &
    MACHINE=$!
    wait_for 30 "the machine to boot" machine_is_up
}

machine_is_up() {
    kill -0 "$MACHINE" 2>/dev/null || return "$NEVER"
    MACHINE_INIT=$(pgrep -P "$MACHINE" -x systemd) || return 1
    case $(inside systemctl is-system-running 2>/dev/null) in
    running | degraded) return 0 ;;
    esac
    return 1
}

# Runs a command in the machine.
inside() {
    inside_with_input "$@" </dev/null
}

inside_with_input() {
    nsenter --target "$MACHINE_INIT" --mount --uts --ipc --net --pid --cgroup --root --wd "$@"
}

# Calls a condition until it holds. It gives up when time is over, or when the condition returns
# NEVER.
wait_for() { # SECONDS WHAT CONDITION...
    local end=$((SECONDS + $1 * ${DOCKBELL_TEST_PATIENCE:-1})) what=$2 status
    shift 2
    while :; do
        "$@"
        status=$?
        [ "$status" != 0 ] || return 0
        if [ "$status" = "$NEVER" ] || [ "$SECONDS" -gt "$end" ]; then
            echo "gave up waiting for $what"
            return 1
        fi
        sleep 0.05
    done
}

# Switches the machine off: everything in it ends, and is lost. It can boot again, as a new one.
machine_off() {
    if [ -n "$MACHINE" ]; then
        kill -KILL "$MACHINE" 2>/dev/null
        wait "$MACHINE" 2>/dev/null
        MACHINE=
    fi
    if [ -d "$MACHINE_GROUP" ]; then
        wait_for 10 "the last process of the machine" group_is_empty
        find "$MACHINE_GROUP" -depth -type d -exec rmdir {} \;
    fi
}

# Ends the machine and leaves nothing behind. May be called at any time.
machine_end() {
    machine_off
    [ -z "$MACHINE_WORK" ] || rm -rf "$MACHINE_WORK"
    MACHINE_WORK=
}

group_is_empty() {
    grep -q '^populated 0' "$MACHINE_GROUP/cgroup.events"
}
