# Building the binaries, shown as it goes. Sourced, never run; wants progress.sh and debian.sh.
# shellcheck shell=bash disable=SC2034 # BIN_DIR is read by the script that sources this

BINARIES=(hostwright hostwright-api hostwright-worker hostwright-sandbox hostwright-local)

# build_binaries PROFILE: sets BIN_DIR to where they lie.
build_binaries() {
    local profile="$1" folder="$1" packages=() name
    [[ "$profile" != dev ]] || folder=debug
    BIN_DIR="${CARGO_TARGET_DIR:-$HW_ROOT/target}/$folder"
    for name in "${BINARIES[@]}"; do packages+=(-p "$name"); done
    step "build ($profile; the first time takes some minutes)" \
        show_cargo cargo build --locked --profile "$profile" --bins "${packages[@]}"
}

# show_cargo CARGO…: cargo's own progress bar on a terminal; elsewhere a line every now and then, and the end of the log
# when it fails.
show_cargo() {
    if [[ -t 2 ]]; then
        "$@"
        return
    fi
    local log="$HW_LOGS/build.log" from=$SECONDS status=0 shown=0 cargo
    : >"$log"
    owned "$log"
    "$@" >"$log" 2>&1 &
    cargo=$!
    # A signal reaches cargo too: it is in our process group.
    while kill -0 "$cargo" 2>/dev/null; do
        if ((SECONDS - from >= shown + 15)); then
            shown=$((SECONDS - from))
            note "$(took "$shown"): $(grep -cE '^ +Compiling' "$log" || true) crates begun, now $(grep -E '^ +Compiling' "$log" | tail -n 1 | awk '{ print $2 }')"
        fi
        sleep 0.5
    done
    wait "$cargo" || status=$?
    ((status == 0)) || { grep -A 20 -m 5 -E '^error' "$log" >&2 || tail -n 30 "$log" >&2; }
    ((status == 0)) || note "whole log: $log"
    return "$status"
}
