# Requests to a running instance and judgements on the answers, for scripts that test from outside. Sourced, never run.
# After `call`, STATUS holds the HTTP status, BODY the raw answer and FLAT the JSON as lines `a.b.0.c=value`.
# shellcheck shell=bash

STATUS=""
BODY=""
FLAT=""
CHECKS=0
FAILURES=0

if command -v jq >/dev/null; then
    flatten() { jq -r 'paths(type != "object" and type != "array") as $p | "\($p | map(tostring) | join("."))=\(getpath($p) | tostring | gsub("\n"; " "))"' 2>/dev/null; }
elif command -v python3 >/dev/null; then
    flatten() { python3 -c "$FLATTEN" 2>/dev/null; }
else
    echo "jq or python3 is needed to read the answers" >&2
    exit 2
fi
FLATTEN='
import json, sys

def walk(value, path):
    if isinstance(value, dict):
        for key, inner in value.items():
            walk(inner, path + [key])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            walk(inner, path + [str(index)])
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        print(".".join(path) + "=" + text.replace("\n", " "))

walk(json.load(sys.stdin), [])
'

# call METHOD URL [BODY [HEADER…]]: never fails by itself; no answer at all is STATUS 000.
call() {
    local method="$1" url="$2" body="${3-}" arguments=() header answer
    shift 2
    (($# == 0)) || shift
    for header in "$@"; do arguments+=(-H "$header"); done
    [[ -z "$body" ]] || arguments+=(-H "content-type: application/json" --data-binary "$body")
    answer="$(curl -sS -m 30 -X "$method" -w '\n%{http_code}' "${arguments[@]}" "$url" 2>&1)" || true
    STATUS="${answer##*$'\n'}"
    BODY="${answer%$'\n'*}"
    FLAT="$(flatten <<<"$BODY" || true)"
}

# field PATTERN: the first value whose path matches the extended regular expression.
field() { grep -m 1 -E "^($1)=" <<<"$FLAT" | cut -d= -f2- || true; }

passed() {
    CHECKS=$((CHECKS + 1))
    printf ' ✓ %s\n' "$1"
}

failed() {
    CHECKS=$((CHECKS + 1))
    FAILURES=$((FAILURES + 1))
    printf ' ✗ %s\n' "$1"
    [[ -z "${2:-}" ]] || printf '     %s\n' "$2"
    [[ -z "$STATUS" ]] || printf '     the last answer was %s %.600s\n' "$STATUS" "$BODY"
}

# expect WHAT TEST…: a step that holds when the command does.
expect() {
    local what="$1"
    shift
    if "$@"; then passed "$what"; else failed "$what" "does not hold: $*"; fi
}

# must WHAT TEST…: like expect, but nothing after it would make sense.
must() {
    local before=$FAILURES
    expect "$@"
    ((FAILURES == before)) || conclude
}

has_status() { [[ "$STATUS" == "$1" ]]; }
equals() { [[ "$1" == "$2" ]]; }
given() { [[ -n "$1" && "$1" != null ]]; }
says() { grep -qE "$1" <<<"$FLAT"; }
says_not() { ! says "$1"; }

# eventually SECONDS COMMAND…: asks again until the command holds or the time is over.
eventually() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.3
    done
}

conclude() {
    if ((FAILURES == 0)); then
        printf 'all %d steps hold\n' "$CHECKS"
        exit 0
    fi
    printf '%d of %d steps do NOT hold\n' "$FAILURES" "$CHECKS"
    exit 1
}
