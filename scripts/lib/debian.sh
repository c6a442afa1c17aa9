# Debian packages: installed when we may, unpacked under a directory of ours when we may not. Sourced, never run.
# shellcheck shell=bash

# privileged COMMAND…: as root, through sudo when it asks no password, or not at all (status 1).
privileged() {
    if ((EUID == 0)); then
        "$@"
    elif may_install; then
        sudo -n -- "$@"
    else
        return 1
    fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    ((EUID == 0)) || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

# apt_install PACKAGE…: quietly, with what is known first and with fresh lists when that fails.
apt_install() {
    may_install || return 1
    state_dir
    local log="$HW_LOGS/apt.log" from=$SECONDS
    note "installing Debian packages: $* (log: $log)"
    {
        apt_quietly install -y --no-install-recommends "$@" ||
            { apt_quietly update && apt_quietly install -y --no-install-recommends "$@"; }
    } >"$log" 2>&1 || {
        warn "apt-get could not install $*: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
        return 1
    }
    note "installed in $(took $((SECONDS - from)))"
}

# Waits for another apt run rather than failing beside it; asks nothing; keeps configuration files as they are.
apt_quietly() {
    privileged env DEBIAN_FRONTEND=noninteractive apt-get -q \
        -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@" </dev/null
}

# need_command COMMAND PACKAGE WHY: installs the package that has the command, or says what to do.
need_command() {
    command -v "$1" >/dev/null && return 0
    apt_install "$2" && command -v "$1" >/dev/null && return 0
    fail "$1 is missing ($3)" "As root: apt-get install $2"
}

# need_build_tools: what building the workspace takes besides Rust; ring compiles C and assembly.
need_build_tools() {
    command -v cargo >/dev/null || [[ ! -x "$HOME/.cargo/bin/cargo" ]] || PATH="$HOME/.cargo/bin:$PATH"
    command -v cargo >/dev/null ||
        fail "cargo is missing: a Rust toolchain is the one thing to bring along" "https://rustup.rs"
    need_command cc gcc "the TLS library compiles some C"
    [[ -e /usr/include/stdio.h ]] || apt_install libc6-dev || fail "C headers are missing" "As root: apt-get install libc6-dev"
}

# unpack_packages DIR PATTERN PACKAGE…: downloads the packages, and of what they need the missing packages whose name
# matches PATTERN (Perl syntax), and unpacks them below DIR. Needs no privilege: nothing is installed, no maintainer script runs.
unpack_packages() {
    local dir="$1" pattern="$2" log="$HW_LOGS/apt.log" names
    shift 2
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    note "unpacking Debian packages under $dir: $* (log: $log)"
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial" "$dir/debs"
    HW_APT_DIR="$dir/apt"
    HW_APT_OPTIONS=()
    if ! download_packages "$dir" "$pattern" "$@" >"$log" 2>&1; then
        note "the machine's package lists do not suffice; fetching lists of our own"
        HW_APT_OPTIONS=(-o "Dir::State::lists=$HW_APT_DIR/lists" -o "Dir::Cache=$HW_APT_DIR" -o Dir::State::status=/var/lib/dpkg/status)
        apt-get -q "${HW_APT_OPTIONS[@]}" update >>"$log" 2>&1 || return 1
        download_packages "$dir" "$pattern" "$@" >>"$log" 2>&1 || return 1
    fi
    for names in "$dir"/debs/*.deb; do dpkg-deb -x "$names" "$dir" || return 1; done
    rm -rf "$dir/debs" "$dir/apt"
}

download_packages() {
    local dir="$1" pattern="$2" missing
    shift 2
    missing="$(apt-get -q "${HW_APT_OPTIONS[@]}" -s --no-install-recommends -o Debug::NoLocking=1 install "$@")" || return 1
    missing="$(awk '$1 == "Inst" { print $2 }' <<<"$missing" | grep -Px "$pattern" || true)"
    # shellcheck disable=SC2086 # a list of package names
    (cd "$dir/debs" && printf '%s\n' "$@" $missing | sed 's/:.*//' | sort -u |
        xargs apt-get -q "${HW_APT_OPTIONS[@]}" download)
}
