"""A program for the provider type `exec`: reads one question, writes one answer, keeps a file for each thing it made.

Usage: exec-program.py DIRECTORY < question.json. Put your own work where it says so.
"""

import fcntl, json, os, sys

DIRECTORY = sys.argv[1]


def place(service):
    # Only what looks like one of the shop's ids becomes the name of a file.
    if not service.startswith("svc_") or not service[4:].isalnum():
        raise SystemExit("no service: " + repr(service))
    return os.path.join(DIRECTORY, service + ".json")


def load(service):
    try:
        with open(place(service)) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def save(thing):
    with open(place(thing["service"]) + ".new", "w") as file:
        json.dump(thing, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, place(thing["service"]))


def answer(ask):
    verb = ask["verb"]
    if verb == "check":
        return {"status": 200, "state": "ok"}
    if verb == "list":
        names = sorted(name[:-5] for name in os.listdir(DIRECTORY) if name.endswith(".json"))
        return {"status": 200, "services": [load(name) for name in names], "next": None}
    thing = load(ask["service"])
    if verb == "create" and thing:
        return {"status": 409} | thing
    if verb == "create":
        # Make it here, in a way that finds what it made before; then write down that you did.
        thing = {"service": ask["service"], "customer": ask["customer"], "ref": "box-" + ask["service"][-8:], "state": "active"}
        thing["details"] = [{"label": "Address", "value": thing["ref"] + ".example.com"}]
        save(thing)
        return {"status": 201} | thing
    if not thing:
        return {"status": 404, "state": "absent"}
    if verb == "observe":
        return {"status": 200} | thing
    if ask["customer"] != thing["customer"]:
        return {"status": 422, "errors": ["this is another customer's"]}
    if verb in ("suspend", "resume"):
        thing["state"] = "suspended" if verb == "suspend" else "active"
        save(thing)
        return {"status": 200} | thing
    if verb == "terminate":
        os.remove(place(thing["service"]))
        return {"status": 200, "state": "absent"}
    return {"status": 422, "errors": ["unknown verb " + verb]}


with open(os.path.join(DIRECTORY, "lock"), "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print(json.dumps(answer(json.load(sys.stdin))))
