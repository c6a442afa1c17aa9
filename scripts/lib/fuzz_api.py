"""What scripts/fuzz-api adds to schemathesis: who calls, and ids of things that are there.

As a module of hooks it signs in again whenever a generated request has ended the sign-in, and puts ids that earlier answers
named into every other path, since an invented id gets no further than the first look-up. From the environment: FUZZ_API (the
address), FUZZ_EMAIL and FUZZ_PASSWORD (empty: nobody signs in), FUZZ_IDS (more ids, separated by spaces).
"""

import json
import os
import random
import re
import urllib.error
import urllib.request

import schemathesis

API = os.environ["FUZZ_API"]
EMAIL = os.environ.get("FUZZ_EMAIL", "")
PASSWORD = os.environ.get("FUZZ_PASSWORD", "")
# How the ids begin that a path's parameter takes.
BEGINS = {
    "orderId": ["ord"],
    "customerId": ["cus"],
    "caseId": ["case"],
    "eventId": ["evt"],
    "keyId": ["key"],
    "sessionId": ["cs", "ses"],
    "passkeyId": ["psk"],
}
ID = re.compile(r"\b(?:ord|cus|case|evt|key|cs|ses|psk)_[A-Za-z0-9_]{8,120}")
# So many of a kind are kept: the first ones, which belong to a whole purchase, and the latest.
FIRST, MOST = 10, 20

dice = random.Random(0)
token = ""
seen = {}


def post(path, body):
    """The answer's JSON, or None when it is refused."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        return None


def sign_in():
    """A fresh token. Whoever was erased meanwhile registers again."""
    credentials = {"email": EMAIL, "password": PASSWORD}
    answer = post("/api/auth/login", credentials)
    if answer is None:
        post("/api/auth/register", credentials | {"name": "Ada Lovelace"})
        answer = post("/api/auth/login", credentials)
    return answer["token"] if answer else ""


def remember(text):
    for found in ID.findall(text):
        kind = seen.setdefault(found.split("_")[0], [])
        if found not in kind:
            kind.append(found)
            del kind[FIRST : FIRST + len(kind) - MOST]


remember(os.environ.get("FUZZ_IDS", ""))


@schemathesis.hook
def before_call(context, case, kwargs):
    global token
    if EMAIL:
        token = token or sign_in()
        case.headers["Authorization"] = "Bearer " + token
    for name in case.path_parameters or {}:
        known = [found for kind in BEGINS.get(name, []) for found in seen.get(kind, [])]
        if known and dice.random() < 0.5:
            case.path_parameters[name] = dice.choice(known)


@schemathesis.hook
def after_call(context, case, response):
    global token
    if EMAIL and (response.status_code == 401 or "/logout" in case.path or case.path.endswith("/end")):
        token = ""
    remember(response.text[:20000])
