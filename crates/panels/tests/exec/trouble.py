"""The guide's program, which goes wrong once where a file `next` says how: the next question that changes something."""

import json, os, subprocess, sys

guide, directory = sys.argv[1], sys.argv[2]
question = sys.stdin.read()
plan = os.path.join(directory, "next")
word = ""
if json.loads(question)["verb"] in ("create", "suspend", "resume", "terminate") and os.path.exists(plan):
    with open(plan) as file:
        word = file.read()
    os.remove(plan)


def really():
    program = [sys.executable, "-S", guide, directory]
    return subprocess.run(program, input=question, capture_output=True, text=True, check=True).stdout


SAYS = {
    "TooMany": {"status": 429, "retry_after": 7},
    "Conflict": {"status": 409, "state": "busy"},
    "Redirect": {"status": 302},
    "GatewayBefore": {"status": 504},
    "PageBefore": {"status": 502},
}
if word in ("CutAfter", "GatewayAfter", "PageAfter", "OtherVersion"):
    really()
if word in ("CutBefore", "CutAfter"):
    sys.exit("told to go wrong")
if word in SAYS:
    print(json.dumps(SAYS[word]))
elif word == "GatewayAfter":
    print(json.dumps({"status": 504}))
elif word == "PageAfter":
    print("<html>502 Bad Gateway</html>")
elif word == "OtherVersion":
    print(json.dumps({"status": 200, "job": 1}))
else:
    print(really(), end="")
