# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Looking at the service, at Amazon in a box and at the warehouse inside the test's machine. What
# complains prints the complaint; silence is good.

AMAZON=http://127.0.0.1:8100
WAREHOUSE=http://127.0.0.1:8200
HIDDEN_S=61 # more than the VisibilityTimeout that the daemon asks for

amazon() { # METHOD NAME [BODY]
    inside curl -fsS -X "$1" "$AMAZON/_sandbox/$2?limit=0" ${3:+-d "$3"} 2>/dev/null
}

warehouse() {
    inside curl -fsS "$WAREHOUSE/_receiver/state" 2>/dev/null
}

number() { # NAME: that number of a JSON text on stdin
    grep -oE "\"$1\":[0-9]+" | head -n 1 | grep -oE '[0-9]+$'
}

property() { # NAME
    inside systemctl show dockbell --property="$1" --value
}

journal() { # JOURNALCTL-ARGUMENT...
    inside journalctl --sync
    inside journalctl --no-pager --identifier=dockbell "$@"
}

# How often an event has come.
events() { # EVENT
    journal -o json "DOCKBELL_EVENT=$1" | wc -l
}

events_are() { # EVENT COUNT: whether it has come so often
    [ "$(events "$1")" -ge "$2" ]
}

# Reloads the service and waits for the daemon's event about it: systemctl waits for no daemon, and this
# one reads its configuration a second after the last time at the earliest.
reload_until() { # EVENT
    local before
    before=$(events "$1")
    if inside systemctl reload dockbell 2>/dev/null; then
        [ "$1" != reload-refused ] || echo "systemctl reload does not fail"
    else
        [ "$1" = reload-refused ] || echo "systemctl reload fails"
    fi
    wait_for "$WAIT_S" "an event $1" events_are "$1" $((before + 1))
}

status_is() { # PATTERN
    [[ $(property StatusText) =~ $1 ]]
}

# Complains when a text does not match.
match() { # WHAT TEXT PATTERN
    [[ $2 =~ $3 ]] || printf '%s: no match for %s in:\n%s\n' "$1" "$3" "$2"
}

equal() { # WHAT IS WANTED
    [ "$2" = "$3" ] || echo "$1: is '$2', not '$3'"
}

is_active() {
    [ "$(property ActiveState)" = active ]
}

is_failed() {
    [ "$(property ActiveState)" = failed ]
}

delivered() { # COUNT
    [ "$(warehouse | number delivered)" -ge "$1" ]
}

restarts() { # COUNT: whether systemd has restarted it so often, and it is up
    [ "$(property NRestarts)" -ge "$1" ] && is_active
}

# Everything that was published has been delivered; nothing is left anywhere.
is_done() {
    local state sent
    state=$(amazon GET state)
    sent=$(number unique <<<"$state")
    [ "$(number pending <<<"$state")" = 0 ] && [ "$(number in_flight <<<"$state")" = 0 ] &&
        [ "$(number visible <<<"$state")" = 0 ] && [ "$(warehouse | number delivered)" = "$sent" ]
}

# What a daemon held that is gone becomes visible again.
let_time_pass() {
    amazon POST clock "{\"offset_s\":$HIDDEN_S}" >/dev/null && amazon POST clock '{"offset_s":0}' >/dev/null
}

publish() { # SEED COUNT
    amazon POST publish "{\"count\":$2,\"seed\":$1,\"orders\":500,\"duplicates\":0.05,\"disorder\":0.1}" \
        >/dev/null
}

# What a warehouse would mind.
minds() {
    local state name
    state=$(warehouse)
    for name in "$@"; do
        equal "$name" "$(number "$name" <<<"$state")" 0
    done
}

