# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Debian packages for tests. They are made in build directories that stay, so that tests share them and
# the next run is quick; tests that run at the same time wait for each other.

OLD_COMMIT=0fa4daa5ceb545f34a3710fbb2c73ecf64bc8fc5 # 0.1.0

# Makes the packages of the project and copies them.
deb_make() { # FILE [SANDBOX-FILE]
    (flock 9 && scripts/package build-package && cp build-package/dockbell_*.deb "$1" &&
        { [ $# -lt 2 ] || cp build-package/dockbell-sandbox_*.deb "$2"; }) 9<tests/systemd
}

# The same package with a later version.
deb_make_later() { # PACKAGE FILE
    local tree status
    tree=$(mktemp -d)
    dpkg-deb --raw-extract "$1" "$tree/later" &&
        sed -i 's/^Version: .*/Version: 99.0/' "$tree/later/DEBIAN/control" &&
        dpkg-deb --root-owner-group --build "$tree/later" "$2" >/dev/null
    status=$?
    rm -rf "$tree"
    return $status
}

in_git() {
    git -c safe.directory='*' "$@"
}

# The reason why the package of 0.1.0 cannot be made; nothing if it can.
deb_old_obstacle() {
    in_git cat-file -e "$OLD_COMMIT^{commit}" 2>/dev/null ||
        echo "the commit of 0.1.0 is not here (a shallow clone, or no clone)"
}

deb_make_old() { # FILE
    (flock 9 && { compgen -G 'build-0.1.0/package/*.deb' >/dev/null || deb_build_old; } &&
        cp build-0.1.0/package/*.deb "$1") 9<tests/systemd
}

deb_build_old() {
    rm -rf build-0.1.0 && mkdir build-0.1.0 &&
        in_git archive "$OLD_COMMIT" | tar -C build-0.1.0 -xf - &&
        build-0.1.0/scripts/package "$PWD/build-0.1.0/package"
}
