# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Commands in documentation, for tests/systemd/guide: those of its blocks that begin with ```sh, and
# those in the middle of a sentence. A block is named by its section's heading and counted in it.

PAGES=       # where they are
PAGE_OUTPUT= # of the last block that was run

# Writes each block of a document to a file of a directory.
# shellcheck disable=SC2016 # awk's and Markdown's own
pages_take() { # DOCUMENT DIRECTORY
    mkdir -p "$2" && PAGES=$2 && awk -v directory="$2" '
        /^##/ && !inside {
            section = tolower($0)
            gsub(/^#+ */, "", section)
            gsub(/[^a-z0-9]+/, "-", section)
            sub(/-$/, "", section)
        }
        /^```$/ && inside { inside = 0; close(file); next }
        /^```/ {
            kind = substr($0, 4)
            inside = 1
            file = directory "/" section "." (kind == "sh" ? ++count[section] : (kind == "" ? "text" : kind) ++others[section, kind])
            printf "" >file
            next
        }
        inside { print >file }' "$1" &&
        grep -oE '`[^`]+`' "$1" | tr -d '`' | grep -E '^(sudo|dockbell|systemctl|journalctl) ' |
        grep -vxF -e 'systemctl edit dockbell' | sort -u >"$2/sentences"
}

# Without a terminal, as the administrator of the machine, in the home directory.
as_admin() { # COMMAND...
    # shellcheck disable=SC2016 # expanded by the inner shell
    inside_with_input setpriv --reuid=admin --regid=admin --init-groups env -i HOME=/home/admin LC_ALL=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c 'cd && exec "$@"' - "$@" 2>&1
}

page_is_run() { # SECTION NUMBER
    echo "$1.$2" >>"$MACHINE_WORK/pages-run"
}

# Runs a block to its first command that fails.
run_page() { # SECTION NUMBER [INPUT]
    page_is_run "$1" "$2"
    PAGE_OUTPUT=$(printf '%s' "${3:-}" | as_admin bash -e "/opt/guide/$1.$2") ||
        printf 'block %s of %s fails:\n%s\n' "$2" "$1" "$PAGE_OUTPUT"
}

page_ini() { # SECTION NUMBER
    cat "$PAGES/$1.ini$2"
}

# A command that is named in a sentence; that it needs root need not stand there.
run_sentence() { # COMMAND
    local command=$1 out
    echo "$1" >>"$MACHINE_WORK/sentences-run"
    [[ $command == sudo\ * ]] || command="sudo $command"
    [[ $command != *\ apt\ * ]] || command="$command --yes"
    out=$(as_admin sh -c "$command" </dev/null) || printf '%s fails:\n%s\n' "$1" "$out"
}

# All of them but those that remove the package.
run_sentences() { # DELIVERY
    local sentence
    while IFS= read -r sentence; do
        case $sentence in
        *' apt '*) ;;
        *) run_sentence "${sentence/%ID/$1}" ;;
        esac
    done <"$PAGES/sentences"
}

pages_not_run() {
    find "$PAGES" -name '*.[0-9]*' -printf '%f\n' | grep -vxFf "$MACHINE_WORK/pages-run"
    grep -vE 'ID$' "$PAGES/sentences" | grep -vxFf "$MACHINE_WORK/sentences-run"
}

# Not in a subshell: a machine ends with the shell that has booted it.
check_pages() { # NAME FUNCTION
    "$2" >"$MACHINE_WORK/complaints" 2>&1
    check "$1" "$(cat "$MACHINE_WORK/complaints")"
}
