"""A receiver for the provider type `webhook`: checks what comes, and keeps a file of what it made.

Usage: WEBHOOK_SECRET=… python3 webhook-receiver.py STATE.json [PORT]. Put your own work where it says so.
"""

import hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET, STATE = os.environ["WEBHOOK_SECRET"].encode(), sys.argv[1]
WINDOW, seen = 300, {}


def load():
    return json.load(open(STATE)) if os.path.exists(STATE) else {}


def save(things):
    with open(STATE + ".new", "w") as file:
        json.dump(things, file)
    os.replace(STATE + ".new", STATE)


def genuine(headers, body):
    stamp, now = headers.get("X-Timestamp", ""), time.time()
    right = hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest("v1=" + right, headers.get("X-Signature", "")) or abs(now - int(stamp)) > WINDOW:
        return False
    for call in [call for call, at in seen.items() if now - at > 2 * WINDOW]:
        del seen[call]
    call = json.loads(body)["call"]
    return seen.setdefault(call, now) == now


def answer(ask):
    things, verb, service = load(), ask["verb"], ask.get("service")
    thing = things.get(service)
    if verb == "check":
        return 200, {"state": "ok"}
    if verb == "list":
        return 200, {"services": list(things.values()), "next": None}
    if verb == "create" and thing:
        return 409, thing
    if verb == "create":
        # Make it here, in a way that finds what it made before; then write down that you did.
        thing = {"service": service, "customer": ask["customer"], "ref": "box-" + service[-8:], "state": "active"}
        thing["details"] = [{"label": "Address", "value": thing["ref"] + ".example.com"}]
        save(things | {service: thing})
        return 201, thing
    if not thing:
        return 404, {"state": "absent"}
    if verb != "observe" and ask["customer"] != thing["customer"]:
        return 422, {"errors": ["this is another customer's"]}
    if verb in ("suspend", "resume"):
        thing["state"] = "suspended" if verb == "suspend" else "active"
        save(things)
    elif verb == "terminate":
        del things[service]
        save(things)
        return 200, {"state": "absent"}
    elif verb != "observe":
        return 422, {"errors": ["unknown verb " + verb]}
    return 200, thing


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, said = answer(json.loads(body)) if genuine(self.headers, body) else (401, {"errors": ["not genuine"]})
        said = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


server = HTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
