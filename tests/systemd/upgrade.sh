# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The upgrade of tests/systemd/package: the package of 0.1.0 with the configuration and the store of
# tests/fixtures/0.1.0, and then the package of today.

OLD=/opt/test/old.deb
OLD_FILES=tests/fixtures/0.1.0
OLD_SECRETS=/etc/credstore
# What waits in that store for each of its webhooks; pos is paused.
OLD_WMS=9
OLD_ERP=1
declare -A RECEIVER=([wms]=127.0.0.1:8200 [erp]=127.0.0.1:8201 [pos]=127.0.0.1:8202 [alarms]=127.0.0.1:8203)

furnish_upgrade() {
    deb_make_old "$MACHINE_WORK/stage$OLD" || return 1
    cp -r "$OLD_FILES" "$MACHINE_WORK/stage/opt/test/0.1.0"
    install "$BUILD/dockbell-receiver" "$MACHINE_WORK/stage/opt/test/"
}

put_secret() { # DIRECTORY NAME VALUE
    printf '%s\n' "$3" | inside_with_input sh -c "umask 077; cat >$1/$2"
}

start_receivers() { # NAME...
    local name
    for name in "$@"; do
        inside systemd-run --quiet --unit="$name" /opt/test/dockbell-receiver --listen "${RECEIVER[$name]}" \
            --secret-file "$OLD_SECRETS/wms-secret"
        wait_for "$WAIT_S" "the receiver $name" received "$name" 0
    done
}

received() { # NAME COUNT
    [ "$(inside curl -fsS "http://${RECEIVER[$1]}/_receiver/state" 2>/dev/null | number delivered)" -ge "$2" ]
}

# As its administrator had it: a file in conf.d, secrets in the credstore, a drop-in.
old_is_installed() {
    local files=/opt/test/0.1.0 drop_in=/etc/systemd/system/dockbell.service.d
    dpkg_quietly --install "$OLD"
    # shellcheck disable=SC2016 # dpkg-query's own
    equal "the version" "$(inside dpkg-query -W -f '${Version}' dockbell)" 0.1.0
    inside sh -c "sed '/^# Was paused/,\$d' $files/dockbell.conf >$CONFIG"
    inside install -d -o root -g dockbell -m 750 /etc/dockbell/conf.d
    inside sh -c "sed -n '/^# Was paused/,\$p' $files/dockbell.conf >/etc/dockbell/conf.d/pos.conf"
    inside install -d -m 700 "$OLD_SECRETS"
    put_secret "$OLD_SECRETS" aws-secret-access-key DockbellSandbox/Secret+Access+Key/000001
    put_secret "$OLD_SECRETS" lwa-client-secret amzn1.oa2-cs.v1.dockbell-sandbox-client-secret
    put_secret "$OLD_SECRETS" acme-refresh-token 'Atzr|dockbell-sandbox-refresh-token-of-seller-A297A7DJHEYXBY'
    put_secret "$OLD_SECRETS" wms-secret "whsec_$(printf 'integration tests sign with this' | base64)"
    inside install -d "$drop_in"
    inside_with_input tee "$drop_in/credentials.conf" <tests/systemd/files/credstore.conf >/dev/null
    inside install -d -o dockbell -g dockbell -m 700 /var/lib/dockbell
    inside install -o dockbell -g dockbell -m 600 "$files/dockbell.db" /var/lib/dockbell/dockbell.db
    inside systemctl daemon-reload
    inside systemctl enable --quiet --now dockbell 2>&1
    equal "is-active" "$(inside systemctl is-active dockbell)" active
}

# Everything that the package must leave alone: contents, owners, modes.
kept_files() {
    inside sh -c "find /etc/dockbell/dockbell.conf /etc/dockbell/conf.d $OLD_SECRETS /etc/systemd/system/dockbell.service.d \
        -type f -exec sha256sum {} + -exec stat -c '%n %U %G %a' {} + | sort"
}

# dpkg has no input: it fails if it has a question.
old_is_upgraded() {
    local pid kept out
    pid=$(property MainPID)
    kept=$(kept_files)
    out=$(inside dpkg --install "$LATER" 2>&1) || echo "dpkg --install: $out"
    match "dpkg" "$out" 'Unpacking dockbell \(99.0\) over \(0.1.0\)'
    equal "files of the administrator" "$(kept_files)" "$kept"
    equal "left by dpkg" "$(inside find /etc/dockbell -name '*.dpkg-*')" ""
    equal "the user" "$(inside stat -c '%U %G %a' /var/lib/dockbell)" "dockbell dockbell 700"
    equal "conf.d" "$(inside stat -c '%U %G %a' /etc/dockbell/conf.d)" "root dockbell 750"
    equal "the credentials" "$(inside stat -c '%U %G %a' /etc/dockbell/credentials)" "root root 700"
    wait_for "$WAIT_S" "the daemon" is_active
    [ "$(property MainPID)" != "$pid" ] || echo "it was not restarted"
    equal "is-enabled" "$(inside systemctl is-enabled dockbell)" enabled
    equal "User" "$(inside ps -o user= -p "$(property MainPID)")" dockbell
    out=$(inside dockbell check 2>&1) || echo "dockbell check fails: $out"
    inside find /var/lib/dockbell ! -user dockbell
}

# 0.1.0 has the sandbox in its one package.
sandbox_waits_for_the_upgrade() {
    local out
    out=$(inside env LC_ALL=C dpkg --install "$SANDBOX" 2>&1) && echo "the sandbox is installed beside 0.1.0"
    match "dpkg" "$out" 'dockbell-sandbox breaks dockbell \(<< 0\.2\.0\)'
    equal "is-active" "$(inside systemctl is-active dockbell)" active
}

sandbox_follows_the_upgrade() {
    inside sh -c 'ls /usr/bin/dockbell-sandbox 2>/dev/null'
    dpkg_quietly --install "$SANDBOX"
    equal "whose the sandbox is" "$(inside dpkg-query --search /usr/bin/dockbell-sandbox)" \
        "dockbell-sandbox: /usr/bin/dockbell-sandbox"
    inside dpkg --audit
    dpkg_quietly --purge dockbell-sandbox
}

upgraded_delivers() {
    start_receivers wms erp pos alarms
    wait_for 60 "wms to have what waited" received wms "$OLD_WMS"
    wait_for 60 "erp to have what waited" received erp "$OLD_ERP"
    wait_for "$WAIT_S" "the all-clear" received alarms 1
    match "held and dead" "$(inside dockbell queue list --state=held --output=json)" '"state":"held"'
    match "held and dead" "$(inside dockbell queue list --state=dead --output=json)" '"state":"dead"'
    inside dockbell queue resume pos >/dev/null
    wait_for 60 "pos to have what waited" received pos 11
    equal "failed units" "$(inside systemctl list-units --failed --plain --no-legend 'dockbell*')" ""
}

upgraded_is_purged() {
    dpkg_quietly --purge dockbell
    inside sh -c 'ls -d /var/lib/dockbell /etc/dockbell 2>/dev/null'
}

check_upgrade() {
    local why
    why=$(deb_old_obstacle)
    if [ -n "$why" ]; then
        skip "an upgrade from 0.1.0" "$why"
        return
    fi
    check "0.1.0 is installed, with its store and its drop-in" "$(old_is_installed)"
    check "the sandbox's package is not for it" "$(sandbox_waits_for_the_upgrade)"
    check "an upgrade from it asks nothing and changes no file of the administrator" "$(old_is_upgraded)"
    check "the sandbox's package follows the upgrade" "$(sandbox_follows_the_upgrade)"
    check "the upgraded service delivers what waited" "$(upgraded_delivers)"
    check "purging it deletes everything" "$(upgraded_is_purged)"
}
