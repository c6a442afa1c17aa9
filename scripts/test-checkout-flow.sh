#!/usr/bin/env bash
# Buys from a running instance, from outside, and checks each step from the plans to the running service.
#   scripts/test-checkout-flow.sh [BASE_URL]          BASE_URL: default http://127.0.0.1:3001
#   SANDBOX_URL             pays there and reads the mails there; default http://127.0.0.1:4010
#   STRIPE_WEBHOOK_SECRET   without a sandbox: signs the event of the payment itself; else it stops after the session
# Prints a line for each step; status 0 only if all of them hold. Needs curl, and jq or python3.
# shellcheck disable=SC2317 # functions are named to `eventually` and `expect`, which call them
set -euo pipefail
# shellcheck source=scripts/lib/http-checks.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/http-checks.sh"

BASE="${1:-http://127.0.0.1:3001}"
BASE="${BASE%/}"
SANDBOX="${SANDBOX_URL:-http://127.0.0.1:4010}"
SANDBOX="${SANDBOX%/}"
RUN="$(date +%s)$RANDOM"
GUEST="guest-$RUN@example.com"
PLAYER="player-$RUN@example.com"
PASSWORD="Tr0ub4dor&$RUN"
SERVER="flow-$RUN"
HAS_SANDBOX=""
# The mails of a player who buys; with a registration by mail there is one more.
PLAYER_MAILS=2

SESSION=""
ORDER=""
PAY_URL=""
TOKEN=""

main() {
    command -v curl >/dev/null || { echo "curl is needed" >&2 && exit 2; }
    printf 'testing %s\n' "$BASE"
    find_sandbox
    instance_answers
    plans_are_listed
    bad_requests_are_told
    webhook_is_guarded
    guest_buys
    player_buys
    conclude
}

find_sandbox() {
    call GET "$SANDBOX/inbox.json?to=$GUEST"
    has_status 200 && HAS_SANDBOX=1
    if [[ -n "$HAS_SANDBOX" ]]; then
        printf 'paying and reading mails at the sandbox %s\n' "$SANDBOX"
    elif [[ -n "${STRIPE_WEBHOOK_SECRET:-}" ]]; then
        printf 'no sandbox at %s: signing the event of the payment; mails are not read\n' "$SANDBOX"
        command -v openssl >/dev/null || { echo "openssl is needed to sign" >&2 && exit 2; }
    else
        printf 'no sandbox at %s and no STRIPE_WEBHOOK_SECRET: stopping where the payment would come\n' "$SANDBOX"
    fi
}

instance_answers() {
    call GET "$BASE/api/plans"
    must "the instance answers" has_status 200
}

plans_are_listed() {
    expect "plans list web hosting (starter at 799)" says '=starter$'
    expect "plans list the price in cents" says '=799$'
    expect "plans list a game server (paper-4gb)" says '=paper-4gb$'
}

bad_requests_are_told() {
    local customer='"customer":{"name":"Flow Test","email":"'"$GUEST"'"}'
    call POST "$BASE/api/checkout/create-session" '{"planId":"invalid","billingCycle":"monthly",'"$customer"'}'
    expect "an unknown plan is refused" grep -qE '^4' <<<"$STATUS"
    expect "and told in the words clients know" equals "$(field error)" "No active price for plan invalid (monthly)"
    call POST "$BASE/api/checkout/create-session" '{"planId":"starter","billingCycle":"fortnightly",'"$customer"'}'
    expect "an unknown billing cycle is refused" grep -qE '^4' <<<"$STATUS"
    call POST "$BASE/api/checkout/create-session" '{"planId":'
    expect "a broken body is refused" grep -qE '^4' <<<"$STATUS"
    call GET "$BASE/api/checkout/session/cs_test_there_is_none"
    expect "an unknown session is not found" has_status 404
}

webhook_is_guarded() {
    local path
    for path in /api/webhooks/stripe /api/stripe/webhook; do
        call GET "$BASE$path"
        expect "GET $path is refused with 405" has_status 405
        expect "and says what to do instead" grep -qi post <<<"$BODY"
        call POST "$BASE$path" '{"id":"evt_forged"}' "stripe-signature: t=$(date +%s),v1=$(printf '0%.0s' {1..64})"
        expect "POST $path with a bad signature is refused" has_status 400
        call POST "$BASE$path" '{"id":"evt_unsigned"}'
        expect "POST $path without a signature is refused" has_status 400
    done
}

# --- a guest buys web hosting with a coupon ---

guest_buys() {
    printf 'a guest buys hosting with a coupon (%s)\n' "$GUEST"
    call POST "$BASE/api/checkout/create-session" '{"planId":"starter","billingCycle":"monthly","trialActive":false,
        "couponCode":"WELCOME10","customer":{"name":"Flow Test","email":"'"$GUEST"'"},
        "domain":{"mode":"subdomain","value":"flow'"$RUN"'"}}'
    session_is_made
    order_is_pending
    session_shows created
    expect "the session shows the mail" equals "$(field session.email)" "$GUEST"
    expect "the session shows the plan" equals "$(field session.product_code)" starter
    expect "the session shows the billing cycle" equals "$(field session.billing_cycle)" monthly
    expect "the coupon is taken off (799 less 10 % is 719)" equals "$(field session.amount)" 719
    payment_page_opens
    pay
    order_is_provisioned
    session_shows completed
    guest_has_mails
}

session_is_made() {
    must "a session is made" has_status 200
    expect "the answer says success" equals "$(field success)" true
    SESSION="$(field sessionId)"
    PAY_URL="$(field url)"
    ORDER="$(field orderId)"
    must "the answer has the session's id" given "$SESSION"
    must "the answer has the order's id" given "$ORDER"
    expect "the answer has the page to pay on" grep -qE '^https?://' <<<"$PAY_URL"
}

order_is_pending() {
    look_at_order
    expect "the order is written before anybody paid, pending" equals "$(field order.status)" pending
}

look_at_order() { call GET "$BASE/api/orders/$ORDER" "" ${TOKEN:+"authorization: Bearer $TOKEN"}; }

session_shows() {
    call GET "$BASE/api/checkout/session/$SESSION"
    expect "the session endpoint answers" has_status 200
    expect "the session is $1" equals "$(field session.status)" "$1"
    expect "the session names Stripe's session" equals "$(field session.stripe_session_id)" "$SESSION"
}

payment_page_opens() {
    [[ -n "$HAS_SANDBOX" ]] || return 0
    call GET "$PAY_URL"
    expect "the payment page opens" has_status 200
}

pay() {
    if [[ -n "$HAS_SANDBOX" ]]; then
        call POST "$SANDBOX/control/stripe/sessions/$SESSION/pay" '{"outcome":"paid"}'
        must "the customer pays" grep -qE '^2' <<<"$STATUS"
    elif [[ -n "${STRIPE_WEBHOOK_SECRET:-}" ]]; then
        send_completed
    else
        printf 'no way to pay here: what follows payment was not tested\n'
        conclude
    fi
}

# send_completed: the event that Stripe would send, signed with the secret that the instance knows. Twice: the second
# must be taken for what it is.
send_completed() {
    local now body signature
    now="$(date +%s)"
    call GET "$BASE/api/checkout/session/$SESSION"
    body='{"id":"evt_flow'"$RUN$ORDER"'","object":"event","api_version":"2023-10-16","created":'"$now"',"livemode":false,
        "type":"checkout.session.completed","data":{"object":{"id":"'"$SESSION"'","object":"checkout.session",
        "mode":"subscription","status":"complete","payment_status":"paid","currency":"usd","amount_total":'"$(field session.amount)"',
        "client_reference_id":"'"$ORDER"'","metadata":{"order_id":"'"$ORDER"'"},"customer":"cus_flow'"$RUN"'",
        "subscription":"sub_flow'"$RUN"'","customer_details":{"email":"'"$(field session.email)"'","name":"Flow Test"}}}}'
    signature="$(printf '%s.%s' "$now" "$body" | openssl dgst -sha256 -hmac "$STRIPE_WEBHOOK_SECRET" | sed 's/.*= *//')"
    for _ in once again; do
        call POST "$BASE/api/webhooks/stripe" "$body" "stripe-signature: t=$now,v1=$signature"
        must "the signed event is accepted" has_status 200
        expect "and answered with received" equals "$(field received)" true
    done
}

order_is_provisioned() {
    eventually 60 order_is_settled || true
    must "the order is provisioned" equals "$(field order.status)" provisioned
    expect "its timeline tells of the payment" says '^order\.timeline\.[0-9]+\.event=.*paid'
    expect "its timeline tells of the delivery" says '^order\.timeline\.[0-9]+\.event=.*provision'
    expect "each entry has its time" says '^order\.timeline\.0\.at=20[0-9]{2}-'
}

order_is_settled() {
    look_at_order
    grep -qE '^(provisioned|needs_attention|cancelled|expired|refunded)$' <<<"$(field order.status)"
}

guest_has_mails() {
    [[ -n "$HAS_SANDBOX" ]] || return 0
    eventually 30 mails_for "$GUEST" 3 || true
    expect "the guest has the confirmation, the welcome and the service's mail" mails_for "$GUEST" 3
    expect "the order's confirmation is among them" says '\.subject=.*([Oo]rder|[Cc]onfirm)'
    expect "one of them has the password" says '\.text=.*[Pp]assword'
}

mails_for() {
    call GET "$SANDBOX/inbox.json?to=$1"
    (($(grep -cE '\.subject=' <<<"$FLAT" || true) >= $2))
}

# --- a registered player buys a game server ---

player_buys() {
    printf 'a registered player buys a game server (%s)\n' "$PLAYER"
    player_registers
    call POST "$BASE/api/checkout/create-session" '{"plan_id":"paper-4gb","item_type":"game","term":"monthly",
        "region":"us-central","server_name":"'"$SERVER"'"}' "authorization: Bearer $TOKEN"
    session_is_made
    order_is_pending
    session_shows created
    pay
    order_is_provisioned
    session_shows completed
    dashboard_shows_it
    if [[ -n "$HAS_SANDBOX" ]]; then
        eventually 30 mails_for "$PLAYER" "$PLAYER_MAILS" || true
        expect "the player has the confirmation and the server's mail" mails_for "$PLAYER" "$PLAYER_MAILS"
    fi
}

# player_confirms: follows the link of the mail that answers a registration.
player_confirms() {
    if [[ -z "$HAS_SANDBOX" ]]; then
        must "mails can be read, or the instance runs with REGISTRATION=direct" false
    fi
    eventually 30 mails_for "$PLAYER" 1 || true
    must "a mail asks to confirm the address" mails_for "$PLAYER" 1
    local token
    token="$(grep -oE 'token=[0-9a-f]{64}' <<<"$FLAT" | head -n 1 | cut -d= -f2)"
    call POST "$BASE/api/auth/register/confirm" '{"token":"'"$token"'","password":"wrong-'"$RUN"'"}'
    expect "the link alone opens nothing" has_status 400
    call POST "$BASE/api/auth/register/confirm" '{"token":"'"$token"'","password":"'"$PASSWORD"'"}'
    must "the link and the password open the account" has_status 201
    PLAYER_MAILS=3
}

player_registers() {
    local who='"email":"'"$PLAYER"'","password":"'"$PASSWORD"'"'
    call POST "$BASE/api/auth/register" '{"name":"Flow Player",'"$who"'}'
    must "an account is made or asked for" grep -qE '^20[012]$' <<<"$STATUS"
    if has_status 202; then
        player_confirms
    fi
    call POST "$BASE/api/auth/login" '{"email":"'"$PLAYER"'","password":"wrong-'"$RUN"'"}'
    expect "a wrong password is refused" has_status 401
    call POST "$BASE/api/auth/login" "{$who}"
    must "the right one logs in" has_status 200
    TOKEN="$(field '(data\.)?(token|access_?[tT]oken|jwt)')"
    must "the login answers with a token" given "$TOKEN"
    call GET "$BASE/api/auth/me" "" "authorization: Bearer $TOKEN"
    expect "the token says who is calling" says "=$PLAYER\$"
    call GET "$BASE/api/servers"
    expect "servers are not shown to everybody" has_status 401
    call GET "$BASE/api/servers" "" "authorization: Bearer $TOKEN"
    expect "a new player has no servers" says_not "=$SERVER\$"
}

dashboard_shows_it() {
    call GET "$BASE/api/servers" "" "authorization: Bearer $TOKEN"
    expect "the dashboard answers" has_status 200
    expect "the dashboard shows the server" says "=$SERVER\$"
    expect "with the panel's identifier" says 'identifier=[a-z0-9]+'
    call GET "$BASE/api/services" "" "authorization: Bearer $TOKEN"
    expect "the list of services answers" has_status 200
    expect "and shows a running service" says '(status|state)=active$'
}

main
