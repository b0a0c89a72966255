# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Bare Debian roots for scripts/bare and tests/systemd/clean: nothing is installed but debootstrap's
# minimal system. A command runs in one as on a machine of its own: with its own mounts and processes,
# which the kernel removes when the command ends, however it ends. Only the network is shared, because
# apt and npm need it.

ROOT_RELEASE=bookworm      # Debian 12: the oldest release that Dockbell supports, with node 18
ROOT_CACHE=$PWD/build-bare # a tarball of the root, downloaded packages
ROOT_DAYS=30               # then the tarball is made again

# The reason why no root can be made here; nothing if one can.
root_obstacle() {
    local command
    [ "$(id -u)" = 0 ] || { echo "needs root"; return; }
    for command in debootstrap apt-get apt-config unshare setpriv pivot_root tar git; do
        command -v "$command" >/dev/null 2>&1 || { echo "needs the command $command"; return; }
    done
    [ -n "$(root_sources)" ] || { echo "needs apt sources of Debian; after a change: apt-get update"; return; }
    unshare --mount --pid --fork true 2>/dev/null || echo "this machine does not allow new namespaces"
}

# The sources of this machine that are Debian's own, as lines of sources.list for the release.
root_sources() {
    # shellcheck disable=SC2016 # apt's own
    apt-get indextargets --format '$(ORIGIN) $(CODENAME) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' | awk -v release="$ROOT_RELEASE" '
        $1 == "Debian" {
            codename = $2
            sub(/-(updates|security|backports)$/, "", codename)
            $1 = $2 = ""
            sub(/^ +/, "")
            gsub(codename, release)
            if ($3 !~ /backports/ && !seen[$0]++)
                print
        }'
}

# Makes the root that all others are unpacked from.
root_bootstrap() { # DIRECTORY
    local mirror proxy='' extra=''
    mirror=$(root_sources | awk -v release="$ROOT_RELEASE" '$3 == release { print $2; exit }')
    [ -n "$mirror" ] || { echo "no apt source of this machine has Debian's main archive"; return 1; }
    [[ $mirror != https:* ]] || extra=--include=ca-certificates
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    http_proxy=${proxy:-${http_proxy:-}} debootstrap --variant=minbase --cache-dir="$ROOT_CACHE/archives" \
        ${extra:+"$extra"} "$ROOT_RELEASE" "$1" "$mirror"
}

# Lets a root find packages in the way of this machine, and install them without waiting for the disk.
root_configure() { # DIRECTORY
    root_sources >"$1/etc/apt/sources.list"
    apt-config dump | grep '^Acquire::' >"$1/etc/apt/apt.conf.d/90host"
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/90throwaway"
    cp -r /etc/apt/auth.conf.d "$1/etc/apt/" 2>/dev/null
    [ ! -f ~/.npmrc ] || cp ~/.npmrc "$1/root/.npmrc"
    [ ! -f "${NODE_EXTRA_CA_CERTS:-}" ] || cp "$NODE_EXTRA_CA_CERTS" "$1/etc/host-ca.crt"
}

# Makes a root in a new directory, from the cache when it has one.
root_make() { # DIRECTORY
    local tar=$ROOT_CACHE/root.tar
    mkdir -p "$ROOT_CACHE/archives/partial" "$ROOT_CACHE/npm" "$1" || return 1
    if [ -z "$(find "$tar" -mtime "-$ROOT_DAYS" 2>/dev/null)" ]; then
        root_bootstrap "$1" && tar -C "$1" --one-file-system -cf "$tar.$$" . && mv "$tar.$$" "$tar"
    else
        tar -C "$1" -xf "$tar"
    fi && root_configure "$1"
}

# Makes a directory for roots, and removes those that a killed run left behind. Prints its path.
root_work() { # NAME
    mkdir -p "$ROOT_CACHE"
    find "$ROOT_CACHE" -maxdepth 1 -type d -name '*.work.*' -mmin +180 -exec rm -rf --one-file-system {} +
    mktemp -d "$ROOT_CACHE/$1.work.XXXXXX"
}

# Copies the project into a root, as it is: committed or not, but nothing that was built.
root_copy() { # ROOT TARGET
    local file
    mkdir -p "$1$2" || return 1
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do
            [ ! -e "$file" ] || printf '%s\0' "$file"
        done | tar --null --files-from=- -cf - | tar -C "$1$2" -xf -
}

# The steps inside the new namespaces, before the command. Mounts are private to them.
# shellcheck disable=SC2016 # expanded by the inner shell
ROOT_INSIDE='
set -eu
root=$1 cache=$2 shared=$3
shift 3
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup 2>/dev/null || true
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    : >dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
cp /etc/resolv.conf etc/resolv.conf
mkdir -p root/.npm root/shared old
mount --bind "$cache/archives" var/cache/apt/archives
mount --bind "$cache/npm" root/.npm
if [ -d "$shared" ]; then
    mount --bind "$shared" root/shared
    mount -o remount,bind,ro root/shared
fi
pivot_root . old
umount -l /old
rmdir /old
cd /root
trap "exit 143" TERM
trap "exit 130" INT
"$@" &
wait $!
'

# Runs a command in a root, in /root. Its mounts and processes end with it.
root_run() { # ROOT COMMAND...
    local root=$1 kept=() name
    shift
    for name in DOCKBELL_TEST_PATIENCE CI $(compgen -e | grep -iE '^((http|https|ftp|no|all)_proxy|npm_config_.*)$'); do
        [ -z "${!name:-}" ] || kept+=("$name=${!name}")
    done
    [ ! -f "$root/etc/host-ca.crt" ] || kept+=(NODE_EXTRA_CA_CERTS=/etc/host-ca.crt)
    setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child \
        bash -c "$ROOT_INSIDE" - "$root" "$ROOT_CACHE" "$(realpath -m ../shared)" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "${kept[@]}" "$@" </dev/null
}
