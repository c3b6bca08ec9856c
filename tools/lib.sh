# shellcheck shell=bash
# Shared by the scripts in tools/ and pg_test/ (sourced, never run).
# It only sets variables and defines functions; it changes nothing on the machine.

INTEGRATEDB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export INTEGRATEDB_ROOT
TARGET="$INTEGRATEDB_ROOT/target"
EXTENSION=integratedb
PGRX_VERSION=0.18.1
PGRX_ROOT="${XDG_CACHE_HOME:-$HOME/.cache}/integratedb/cargo-pgrx-$PGRX_VERSION"
# A PGRX_HOME of our own, so that the developer's ~/.pgrx is neither needed nor changed.
export PGRX_HOME="$TARGET/pgrx"
# rustup's installer puts cargo here; a shell older than that installation does not have it on PATH.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH="$HOME/.cargo/bin:$PATH"
fi
# What we create must be readable by the user that the server runs as, whatever the caller's umask.
umask 022

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

# A pg_config is of use when the server, its headers and the PGXS test drivers are there as well.
usable_pg_config() {
    local bindir
    bindir=$("$1" --bindir 2>/dev/null) || return 1
    [ -x "$bindir/postgres" ] && [ -x "$bindir/initdb" ] &&
        [ -f "$("$1" --includedir-server)/postgres.h" ] && [ -f "$("$1" --pgxs)" ]
}

# Sets PG_CONFIG: the caller's, else Debian's PostgreSQL 15, else the one on PATH.
find_pg_config() {
    local candidate
    if [ -n "${PG_CONFIG:-}" ]; then
        usable_pg_config "$PG_CONFIG" ||
            die "PG_CONFIG=$PG_CONFIG: no pg_config with a server and its development files"
        return
    fi
    for candidate in /usr/lib/postgresql/15/bin/pg_config "$(command -v pg_config || true)"; do
        if [ -n "$candidate" ] && usable_pg_config "$candidate"; then
            PG_CONFIG=$candidate
            return
        fi
    done
    return 1
}

# Sets PG_CONFIG, PG_BINDIR, PG_MAJOR, PG_FEATURE and the private tree's names; stops without a PostgreSQL.
load_pg() {
    find_pg_config || die "no PostgreSQL with development files found: run tools/setup, or set PG_CONFIG"
    PG_BINDIR=$("$PG_CONFIG" --bindir)
    # Debian's /usr/bin/pg_config is a wrapper; the private tree needs the real one.
    [ ! -x "$PG_BINDIR/pg_config" ] || PG_CONFIG="$PG_BINDIR/pg_config"
    PG_MAJOR=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
    case $PG_MAJOR in
        15 | 16 | 17 | 18) PG_FEATURE=pg$PG_MAJOR ;;
        *) die "$("$PG_CONFIG" --version) is not supported: PostgreSQL 15 to 18 are" ;;
    esac
    # pg_config is read again by pgrx, make and the tests, all of which must see the same server.
    export PG_CONFIG PG_MAJOR PG_FEATURE PG_BINDIR
}

# Puts our cargo-pgrx on PATH, or accepts the one there; fails when the right version is not installed.
find_cargo_pgrx() {
    local found
    if [ -x "$PGRX_ROOT/bin/cargo-pgrx" ]; then
        PATH="$PGRX_ROOT/bin:$PATH"
        return
    fi
    found=$(command -v cargo-pgrx) || return 1
    [ "$("$found" pgrx --version 2>/dev/null)" = "cargo-pgrx $PGRX_VERSION" ]
}

# The crate's default feature is pg15; exactly the server's own must be on.
cargo_features() { printf '%s\n' --no-default-features --features "$PG_FEATURE"; }

# The postgres program refuses to run as root, so root runs it as another user.
SERVER_USER=$(id -un)
! is_root || SERVER_USER=${INTEGRATEDB_SERVER_USER:-postgres}

# as_server CMD...: runs CMD as the user that owns the clusters, in a directory that it can enter.
as_server() {
    (
        cd /
        if is_root; then
            id -u "$SERVER_USER" >/dev/null 2>&1 ||
                die "PostgreSQL does not run as root and there is no user $SERVER_USER: set INTEGRATEDB_SERVER_USER"
            exec setpriv --reuid="$SERVER_USER" --regid="$(id -g "$SERVER_USER")" --init-groups -- "$@"
        fi
        exec "$@"
    )
}

# owned_dir DIR USER: a pre-existing DIR in a world-writable place is trusted only when it is really ours.
owned_dir() {
    if [ -L "$1" ] || [ ! -d "$1" ] || [ "$(stat -c %U "$1")" != "$2" ]; then
        die "$1 is not a directory of $2: refusing to use it"
    fi
}

# Short and the same for each run of one user in one checkout.
checkout_hash() { printf '%s' "$(id -u):$INTEGRATEDB_ROOT" | sha256sum | cut -c1-10; }

# Sets STATE (private tree and clusters) and SOCKDIR, creating them.
# STATE is target/, or a directory under /var/tmp when the server's user cannot reach the checkout.
load_state() {
    mkdir -p "$TARGET"
    STATE=$TARGET
    if ! as_server test -x "$TARGET" -a -r "$TARGET"; then
        STATE=/var/tmp/$EXTENSION-$(checkout_hash)
        mkdir -m 755 "$STATE" 2>/dev/null || owned_dir "$STATE" "$(id -un)"
    fi
    # A Unix socket's path is limited to 107 bytes, which a checkout's path may well exceed.
    SOCKDIR=/tmp/$EXTENSION-$(checkout_hash)
    as_server mkdir -m 700 "$SOCKDIR" 2>/dev/null || owned_dir "$SOCKDIR" "$SERVER_USER"
    TREE=$STATE/pg
    PRIVATE_BINDIR=$TREE$PG_BINDIR
    export STATE SOCKDIR TREE PRIVATE_BINDIR
}
