# Progress, steps with their times, and child processes that get the signals meant for us. Sourced, never run.
# Everything said goes to standard error, so that a command's standard output stays usable in $(…).
# shellcheck shell=bash

HW_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
HW_STATE="$HW_ROOT/.hostwright"
HW_LOGS="$HW_STATE/logs"
HW_CHILD=""
HW_SIGNAL=""
HW_SIGNALS_SEEN=0
HW_SIGNAL_IS_USUAL=""
declare -a HW_DONE=() HW_FAILED=()

say() { printf '%s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
warn() { printf ' ! %s\n' "$*" >&2; }

# fail MESSAGE…: ends the script; the EXIT trap of the caller cleans up.
fail() {
    printf ' ✗ %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '   %s\n' "$line" >&2; done
    exit 1
}

# took SECONDS: a duration as people say it.
took() {
    if (($1 < 60)); then printf '%ds' "$1"; else printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); fi
}

# owned PATH…: what root makes in somebody's working tree belongs to that somebody, so that both can use the tree.
owned() {
    ((EUID == 0)) || return 0
    chown --no-dereference --reference="$HW_ROOT" "$@" 2>/dev/null || true
}

state_dir() {
    mkdir -p "$HW_STATE" "$HW_LOGS" 2>/dev/null ||
        fail "cannot write to $HW_STATE" "The scripts keep PostgreSQL's data and their logs there."
    owned "$HW_STATE" "$HW_LOGS"
}

# on_signal NAME: the child's whole process group gets it; a third one kills. Without a child the script ends.
on_signal() {
    HW_SIGNAL="$1"
    HW_SIGNALS_SEEN=$((HW_SIGNALS_SEEN + 1))
    [[ -n "$HW_CHILD" ]] || exit "$(signal_status "$1")"
    local send="$1"
    ((HW_SIGNALS_SEEN < 3)) || send=KILL
    kill -s "$send" -- "-$HW_CHILD" 2>/dev/null || true
}

signal_status() { echo $((128 + $(kill -l "$1"))); }

catch_signals() {
    local name
    # shellcheck disable=SC2064 # the name is meant to be expanded now
    for name in INT TERM HUP; do trap "on_signal $name" "$name"; done
}

# run_child COMMAND…: runs it in a process group of its own and waits. bash would otherwise hold a signal back until
# the command ends, and a plain background job would ignore Ctrl-C. After a signal the script ends with its status,
# unless HW_SIGNAL_IS_USUAL: then the command's own status tells how well it took the signal.
run_child() {
    local status=0
    # A script of ours called by another one answers the signals of the outer one; nothing here may read the terminal.
    set -m
    "$@" </dev/null &
    HW_CHILD=$!
    set +m
    while :; do
        status=0
        wait "$HW_CHILD" || status=$?
        kill -0 "$HW_CHILD" 2>/dev/null || break
    done
    HW_CHILD=""
    [[ -z "$HW_SIGNAL" || -n "$HW_SIGNAL_IS_USUAL" ]] || exit "$(signal_status "$HW_SIGNAL")"
    return "$status"
}

# step NAME COMMAND…: a named step with its time, shown as it runs. A failure is remembered and returned.
step() {
    local name="$1" from=$SECONDS status=0
    shift
    say "── $name"
    run_child "$@" || status=$?
    finish_step "$name" "$status" $((SECONDS - from))
}

finish_step() {
    if (($2 == 0)); then
        HW_DONE+=("$1")
        say " ✓ $1 ($(took "$3"))"
    else
        HW_FAILED+=("$1")
        say " ✗ $1 failed with status $2 ($(took "$3"))"
    fi
    return "$2"
}

# summary TITLE SECONDS: one line on what passed and what failed; its status says the same.
summary() {
    local name
    if ((${#HW_FAILED[@]} == 0)); then
        say "$1: ${#HW_DONE[@]} steps passed in $(took "$2")"
        return 0
    fi
    say "$1: ${#HW_FAILED[@]} of $((${#HW_DONE[@]} + ${#HW_FAILED[@]})) steps FAILED in $(took "$2"):"
    for name in "${HW_FAILED[@]}"; do say "   ✗ $name"; done
    return 1
}
