# A PostgreSQL server of the project's own: where it lives, who it runs as, how it starts and stops. Sourced by
# scripts/db, which holds the rules of who may stop it. Never touches a cluster of the system.
# shellcheck shell=bash

PG_PATTERN='lib.*|postgresql-client-[0-9]+' # what may be unpacked without root beside the server itself …
PG_NOT_WANTED='libllvm.*|lib.*-dev|libc6.*|libc-.*|libperl.*|libjson-perl|libcommon-sense-perl|libtypes-serialiser-perl'
PG_SOCKET_MAX=80 # PostgreSQL allows 107 bytes for directory and socket name together

# pg_place: the directory that holds data, log and socket. Usually .hostwright/pg; elsewhere when root's server user
# cannot enter the working tree, and then remembered in .hostwright/pg-place.
pg_place() {
    if [[ -f "$HW_STATE/pg-place" ]]; then cat "$HW_STATE/pg-place"; else echo "$HW_STATE/pg"; fi
}

# as_pg COMMAND…: as the user that the server runs as. PostgreSQL refuses to run as root.
# The lock files are closed, or a server would hold them for as long as it runs.
as_pg() {
    (
        cd /
        exec 8>&- 9>&-
        [[ -z "${PG_LIBRARIES:-}" ]] || export LD_LIBRARY_PATH="$PG_LIBRARIES"
        unset PGDATA PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS
        case "$PG_RUN_AS" in
        self) exec "$@" ;;
        namespace) exec unshare --user --map-user=1000 --map-group=1000 -- "$@" ;;
        *) exec setpriv --reuid "$PG_RUN_AS" --regid "$(id -g "$PG_RUN_AS")" --init-groups --no-new-privs -- "$@" ;;
        esac
    )
}

# choose_runner: sets PG_RUN_AS. As root: the data's owner, the working tree's owner, postgres, nobody, in this order;
# where root may not change its user (some containers), a user namespace in which we are somebody else.
choose_runner() {
    local name
    PG_RUN_AS=self
    ((EUID == 0)) || return 0
    for name in "$(stat -c %U "$(pg_place)/data" 2>/dev/null || true)" "$(stat -c %U "$HW_ROOT")" postgres nobody; do
        [[ -n "$name" && "$name" != root && "$name" != UNKNOWN ]] || continue
        PG_RUN_AS="$name"
        as_pg true 2>/dev/null && return 0
    done
    PG_RUN_AS=namespace
    as_pg true 2>/dev/null || fail "PostgreSQL refuses to run as root, and no other user can be had here" \
        "Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours."
}

# prepare_place: makes the directory and sets PG_HOME, PG_DATA, PG_LOG.
prepare_place() {
    state_dir
    choose_runner
    PG_HOME="$(pg_place)"
    make_place "$PG_HOME"
    # Trying is the only sure test: modes, mount options and access lists all have a say.
    if ! as_pg test -w "$PG_HOME"; then
        [[ "$PG_RUN_AS" != self ]] || fail "$PG_HOME belongs to $(stat -c %U "$PG_HOME"), not to you" \
            "It was made by another user. As that user (or root): scripts/db reset, or remove the directory."
        PG_HOME="$(mktemp -d "/var/tmp/hostwright-$(basename "$HW_ROOT")-XXXXXX")"
        make_place "$PG_HOME"
        echo "$PG_HOME" >"$HW_STATE/pg-place"
        owned "$HW_STATE/pg-place"
        note "$PG_RUN_AS cannot enter $HW_ROOT; the data goes to $PG_HOME (remembered in .hostwright/pg-place)"
    fi
    PG_DATA="$PG_HOME/data"
    PG_LOG="$PG_HOME/log"
}

# The mode of an existing directory is left alone: it may be somebody else's by now.
make_place() {
    [[ -d "$1" ]] || mkdir -p "$1"
    ((EUID == 0)) || return 0
    case "$PG_RUN_AS" in
    self | namespace) ;;
    *) chown "$PG_RUN_AS:" "$1" ;;
    esac
    chmod 755 "$1"
}

# find_server: sets PG_BIN (and PG_LIBRARIES for unpacked packages) to a server of version 15 or newer, of the version
# that made the data if there are data. Newest first.
find_server() {
    local dir wanted version
    wanted="$(cat "$PG_DATA/PG_VERSION" 2>/dev/null || true)"
    while read -r dir; do
        [[ -x "$dir/postgres" && -x "$dir/initdb" && -x "$dir/pg_ctl" && -x "$dir/psql" ]] || continue
        use_libraries_of "$dir"
        version="$(as_pg "$dir/postgres" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1)" || continue
        ((${version:-0} >= 15)) || continue
        [[ -z "$wanted" || "$wanted" == "$version" ]] || continue
        PG_BIN="$dir"
        return 0
    done < <(candidate_directories)
    PG_LIBRARIES=""
    return 1
}

# One directory a line; a pattern that matches nothing stays a line that is no directory.
candidate_directories() {
    local found
    [[ -z "${HOSTWRIGHT_PG_BIN:-}" ]] || echo "$HOSTWRIGHT_PG_BIN"
    printf '%s\n' /usr/lib/postgresql/*/bin "$PG_HOME"/dist/usr/lib/postgresql/*/bin | sort -rV
    found="$(command -v postgres || true)"
    [[ -z "$found" ]] || dirname "$(readlink -f "$found")"
}

use_libraries_of() {
    PG_LIBRARIES=""
    [[ "$1" == "$PG_HOME"/dist/* ]] || return 0
    local dir
    for dir in "$PG_HOME"/dist/usr/lib/*-linux-* "$PG_HOME"/dist/lib/*-linux-*; do
        [[ ! -d "$dir" ]] || PG_LIBRARIES="$PG_LIBRARIES${PG_LIBRARIES:+:}$dir"
    done
}

# need_server: finds a server or gets one: installed with apt when we may, else unpacked under the project's directory.
need_server() {
    find_server && return 0
    local made_by
    made_by="$(cat "$PG_DATA/PG_VERSION" 2>/dev/null || true)"
    note "no PostgreSQL server ${made_by:-15 or newer} found on this machine"
    if install_server "${made_by:-}"; then
        prepare_place # there is a user for it now
        ! find_server || return 0
    fi
    if unpack_server "${made_by:-}" && find_server; then return 0; fi
    [[ -z "$made_by" ]] || fail "the data in $PG_DATA were made by PostgreSQL $made_by, which is not to be had any more" \
        "scripts/db reset discards them and starts anew."
    fail "no PostgreSQL server could be installed or unpacked; see $HW_LOGS/apt.log" \
        "Install one (Debian: postgresql), name its programs with HOSTWRIGHT_PG_BIN=/…/bin," \
        "or set DATABASE_URL to a database of yours."
}

# install_server [VERSION]: without a cluster of the system coming into being, and without a stopped one being started.
install_server() (
    may_install || return 1
    local rule=/etc/postgresql-common/createcluster.d/hostwright.conf policy=""
    [[ -e /usr/sbin/policy-rc.d ]] || policy=/usr/sbin/policy-rc.d
    # In a subshell of its own, so that both files go whatever happens: who installs another version later gets the
    # usual cluster, and services start as they used to.
    # shellcheck disable=SC2064,SC2086 # expanded now; empty when the machine has a policy of its own
    trap "privileged rm -f $rule $policy" EXIT
    privileged mkdir -p "$(dirname "$rule")"
    echo "create_main_cluster = false" | privileged tee "$rule" >/dev/null
    [[ -z "$policy" ]] || printf '#!/bin/sh\nexit 101\n' | privileged tee "$policy" >/dev/null
    [[ -z "$policy" ]] || privileged chmod 755 "$policy"
    apt_install "postgresql${1:+-$1}"
)

unpack_server() {
    local version="${1:-}" pattern
    [[ -n "$version" ]] || version="$(apt-cache depends postgresql 2>/dev/null | grep -oE 'postgresql-[0-9]+' | grep -oE '[0-9]+' | head -n 1)" || true
    [[ -n "$version" ]] || version=15
    pattern="(?!($PG_NOT_WANTED)\$)($PG_PATTERN)"
    rm -rf "$PG_HOME/dist"
    unpack_packages "$PG_HOME/dist" "$pattern" "postgresql-$version" "postgresql-client-$version" || return 1
    chmod -R a+rX "$PG_HOME/dist"
}

# server_pid: of the server that runs on our data, or status 1. The pid file alone proves nothing after a kill or a
# reboot: the number may belong to anybody by now. A server's working directory is its data directory.
server_pid() {
    local pid
    pid="$(head -n 1 "$PG_DATA/postmaster.pid" 2>/dev/null)" && [[ -n "$pid" ]] || return 1
    [[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" -ef "$PG_DATA" ]] && echo "$pid"
}

initialise() {
    [[ ! -f "$PG_DATA/PG_VERSION" ]] || return 0
    note "creating the database cluster in $PG_DATA"
    # An interrupted initdb leaves a directory that the next one refuses.
    rm -rf "$PG_DATA"
    as_pg "$PG_BIN/initdb" -D "$PG_DATA" -U postgres --encoding=UTF8 --locale=C.UTF-8 --auth=trust >"$HW_LOGS/initdb.log" 2>&1 ||
        fail "initdb failed" "$(tail -n 5 "$HW_LOGS/initdb.log")" "whole log: $HW_LOGS/initdb.log"
    settings | as_pg tee -a "$PG_DATA/postgresql.conf" >/dev/null
}

# admit: who may connect; written before each start. The superuser exists on the socket alone, whose directory nobody else can
# enter; over TCP there are only a role that can make databases and roles, and those that tests run the programs under.
admit() {
    printf '%s\n' 'local all all trust' \
        'host all hostwright,hostwright_test_api,hostwright_test_worker 127.0.0.1/32 trust' |
        as_pg tee "$PG_DATA/pg_hba.conf" >/dev/null
}

settings() {
    cat <<'CONF'
# --- Hostwright's private server ---
listen_addresses = '127.0.0.1'
max_connections = 200
unix_socket_permissions = 0700
fsync = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %d '
CONF
}

# socket_directory: short enough for a socket; the working tree may lie deep.
socket_directory() {
    local dir="$PG_HOME/socket" remembered
    if ((${#dir} > PG_SOCKET_MAX)); then
        remembered="$(cat "$PG_HOME/socket-directory" 2>/dev/null || true)"
        # What lies in /tmp vanishes, and somebody else may have taken its name since.
        if [[ -d "$remembered" && -O "$remembered" ]] || { ((EUID == 0)) && as_pg test -O "$remembered"; }; then
            echo "$remembered"
            return 0
        fi
        dir="$(as_pg mktemp -d /tmp/hostwright-XXXXXX)"
        echo "$dir" | as_pg tee "$PG_HOME/socket-directory" >/dev/null
    fi
    as_pg mkdir -p "$dir"
    as_pg chmod 700 "$dir"
    echo "$dir"
}

# free_port: below the range from which the kernel hands out ports to everybody else.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# launch: starts the server and remembers its port. Tries again when the port is taken or when processes of a killed
# server have yet to notice.
launch() {
    local port attempt from=$SECONDS
    port="$(cat "$HW_STATE/pg/port" 2>/dev/null || true)"
    [[ "$port" =~ ^[0-9]+$ ]] || port="$(free_port)"
    PG_SOCKET="$(socket_directory)"
    for attempt in 1 2 3 4 5 6; do
        as_pg rm -f "$PG_DATA/postmaster.pid"
        as_pg truncate -s 0 "$PG_LOG" 2>/dev/null || true
        if as_pg "$PG_BIN/pg_ctl" start -w -t 120 -s -D "$PG_DATA" -l "$PG_LOG" -o "-p $port -k '$PG_SOCKET'" </dev/null >/dev/null 2>&1; then
            PG_PORT="$port"
            remember_port
            note "PostgreSQL $(cat "$PG_DATA/PG_VERSION") runs on 127.0.0.1:$port as ${PG_RUN_AS/self/$(id -un)} ($(took $((SECONDS - from))))"
            return 0
        fi
        if grep -q 'in use' "$PG_LOG" 2>/dev/null && ! grep -q 'shared memory' "$PG_LOG"; then port="$(free_port)"; else sleep 1; fi
        [[ "$attempt" == 6 ]] || note "PostgreSQL did not start; trying again"
    done
    fail "PostgreSQL did not start" "$(tail -n 5 "$PG_LOG" 2>/dev/null)" "whole log: $PG_LOG"
}

remember_port() {
    mkdir -p "$HW_STATE/pg"
    echo "$PG_PORT" >"$HW_STATE/pg/port" || fail "cannot write $HW_STATE/pg/port"
    owned "$HW_STATE/pg/port"
}

# admin_sql DATABASE SQL: as the superuser, over the socket.
admin_sql() {
    as_pg "$PG_BIN/psql" -h "$PG_SOCKET" -p "$PG_PORT" -U postgres -d "$1" -X -q -A -t -v ON_ERROR_STOP=1 -c "$2"
}

# create_database: the role and its database, if they are not there yet. Tests make databases, and roles for the programs.
create_database() {
    [[ "$(admin_sql postgres "SELECT 1 FROM pg_roles WHERE rolname = 'hostwright'")" == 1 ]] ||
        admin_sql postgres "CREATE ROLE hostwright LOGIN; GRANT pg_monitor, pg_signal_backend TO hostwright"
    admin_sql postgres "ALTER ROLE hostwright CREATEDB CREATEROLE"
    [[ "$(admin_sql postgres "SELECT 1 FROM pg_database WHERE datname = 'hostwright'")" == 1 ]] ||
        admin_sql postgres "CREATE DATABASE hostwright OWNER hostwright"
}

halt() {
    local pid
    pid="$(server_pid)" || return 0
    if [[ -n "${PG_BIN:-}" ]] || find_server; then
        as_pg "$PG_BIN/pg_ctl" stop -s -w -t 60 -m fast -D "$PG_DATA" >/dev/null 2>&1 && return 0
    fi
    # Fast shutdown by signal; immediate when that takes too long.
    kill -INT "$pid" 2>/dev/null || true
    local tries
    for tries in {1..100}; do
        server_pid >/dev/null || return 0
        [[ "$tries" != 80 ]] || kill -QUIT "$pid" 2>/dev/null || true
        sleep 0.2
    done
    fail "PostgreSQL (process $pid) does not stop; its log is $PG_LOG"
}
