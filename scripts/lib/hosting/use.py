"""Buys everything that this machine hosts, uses it from outside as its buyer would, and has it suspended, resumed and ended.

Started by `hostwright demo`, which tells by the environment where the shop is (DEMO_API), its sandbox (DEMO_SANDBOX), its
command (DEMO_COMMAND) and the helper's settings (LOCAL_…). Ends with 1 and a reason at the first thing that is not as it
should be; whatever was bought is then left standing, to be looked at.
"""

import http.client
import http.cookiejar
import imaplib
import json
import os
import pathlib
import pwd
import secrets
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

API, SANDBOX, COMMAND = (os.environ[name] for name in ("DEMO_API", "DEMO_SANDBOX", "DEMO_COMMAND"))
HOST = os.environ["LOCAL_ADDRESS"]
PREFIX, ROOT, STATE = (os.environ[name] for name in ("LOCAL_PREFIX", "LOCAL_ROOT", "LOCAL_STATE"))
LMTP = int(os.environ["LOCAL_LMTP_PORT"])
PATIENCE = 60
PLANS = {
    "site": ("Website", {"domain": "subdomain"}),
    "site-wordpress": ("WordPress", {"domain": "subdomain"}),
    "mailbox": ("Mailbox", {"domain": "subdomain"}),
    "storage": ("Storage", {}),
    "arena": ("Game server", {"server_name": "Demo Arena"}),
}


class Wrong(Exception):
    """Something is not as it should be."""


def call(method, url, body=None, token=None):
    headers = {"content-type": "application/json"} if body is not None else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise Wrong(f"{method} {url}: {error.code}: {error.read(300).decode(errors='replace')}") from error


def until(what, look, patience=PATIENCE):
    """What `look` finds, asked again while it finds nothing."""
    deadline = time.monotonic() + patience
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not within {patience} s")
        time.sleep(0.05)


def say(text):
    print(text, flush=True)


def customer():
    """Somebody who opens an account by the link in a mail."""
    email, password = f"harriet-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(15)
    asked = call("POST", f"{API}/api/auth/register", {"email": email, "password": password, "name": "Harriet Host"})
    if not asked.get("token"):

        def mailed():
            inbox = call("GET", f"{SANDBOX}/inbox.json?to={urllib.parse.quote(email)}")
            mails = inbox if isinstance(inbox, list) else inbox["mails"]
            return mails and mails[0]["text"].split("token=")[1].split()[0]

        token = until("the mail with the link", mailed)
        call("POST", f"{API}/api/auth/register/confirm", {"token": token, "password": password})
    token = call("POST", f"{API}/api/auth/login", {"email": email, "password": password})["token"]
    return email, password, token


def buy(plan, wishes, token):
    order = {"planId": plan, "billingCycle": "monthly", "trialActive": False}
    if "domain" in wishes:
        order["domain"] = {"mode": "subdomain", "value": f"{plan}-{secrets.token_hex(3)}"}
    if "server_name" in wishes:
        order |= {"item_type": "game", "server_name": wishes["server_name"]}
    session = call("POST", f"{API}/api/checkout/create-session", order, token)
    call("POST", f"{SANDBOX}/control/stripe/sessions/{session['sessionId']}/pay", {"outcome": "paid"})
    return session["orderId"]


def delivered(order):
    shown = call("GET", f"{API}/api/orders/{order}")["order"]
    if shown["status"] in ("needs_attention", "cancelled", "expired", "refunded"):
        raise Wrong(f"order {order} is {shown['status']}")
    return shown["status"] == "provisioned" and shown


def took(order):
    """Seconds from paid to usable, by the order's own history."""
    at = {entry["event"]: entry["at"] for entry in order["timeline"]}
    parse = lambda text: time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float(f"0.{text[20:-1] or 0}")
    return parse(at["provisioned"]) - parse(at["paid"])


class Owner:
    """The buyer at a browser, on the pages of the shop."""

    def __init__(self, email, password):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(jar)
        self.post("/login", {"email": email, "password": password})

    def post(self, path, form):
        request = urllib.request.Request(f"{API}{path}", urllib.parse.urlencode(form).encode(), {"sec-fetch-site": "same-origin"})
        try:
            with self.browser.open(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise Wrong(f"POST {path}: {error.code}") from error


def page(url):
    """Status and text of a page, asked for at this machine whatever its name resolves to."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(HOST, parts.port or 80, timeout=10)
    connection.request("GET", parts.path or "/", headers={"host": parts.netloc})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def logs_in(port, address, password):
    try:
        mailbox = imaplib.IMAP4(HOST, port, timeout=10)
        mailbox.login(address, password)
        return mailbox
    except imaplib.IMAP4.error:
        return None


def answers(port):
    """Whether a game server tells a stranger its name (Teeworlds 0.7: a token first, then the question)."""
    ours = b"demo"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(3)
        asking.connect((HOST, port))
        try:
            asking.send(bytes([1 << 2, 0, 0]) + b"\xff\xff\xff\xff" + bytes([5]) + ours + bytes(508))
            theirs = asking.recv(2048)[8:12]
            asking.send(bytes([(8 << 2) | 1]) + theirs + ours + b"\xff\xff\xff\xffgie3\x01")
            return b"Demo Arena" in asking.recv(2048)
        except OSError:
            return False


class Bought:
    """What was bought, and how its buyer tries it."""

    def __init__(self, service, owner):
        self.id, self.plan, self.owner = service["id"], service["plan"], owner
        self.access = {field["label"]: field["value"] for field in service["access"]}
        self.password = secrets.token_urlsafe(15)

    def set_up(self):
        """The owner chooses the password where there is one to choose, on the service's page."""
        if self.plan != "arena":
            self.owner.post(f"/account/services/{self.id}/password", {"password": self.password})

    def works(self):
        if self.plan == "site":
            status, marker = page(self.access["Website"] + "/.well-known/hostwright")
            return status == 200 and self.id in marker and page(self.access["Website"])[0] == 200
        if self.plan == "site-wordpress":
            status, text = page(self.access["Sign in"])
            return status == 200 and 'name="log"' in text and page(self.access["Website"])[0] == 200
        if self.plan == "storage":
            return "letter.txt" in self.sftp("put /dev/stdin letter.txt\nls\n")
        if self.plan == "mailbox":
            return bool(logs_in(int(self.access["IMAP port"]), self.access["Address"], self.password))
        return answers(int(self.access["Address"].rsplit(":", 1)[1]))

    def is_stopped(self):
        """The same from outside: told that it is suspended, refused, or silent."""
        if self.plan in ("site", "site-wordpress"):
            return page(self.access["Website"])[0] == 503
        return not self.works()

    def sftp(self, typed):
        """What OpenSSH's client prints for these commands."""
        with tempfile.TemporaryDirectory() as place:
            ask, letter = pathlib.Path(place, "ask"), pathlib.Path(place, "letter.txt")
            ask.write_text("#!/bin/sh\necho \"$SECRET\"\n")
            ask.chmod(0o700)
            letter.write_text("dear diary\n")
            options = ["StrictHostKeyChecking=no", f"UserKnownHostsFile={place}/hosts", "PreferredAuthentications=password"]
            options += ["NumberOfPasswordPrompts=1", "LogLevel=ERROR", "ConnectTimeout=10"]
            command = ["sftp", "-P", self.access["SFTP port"], *(word for option in options for word in ("-o", option))]
            env = os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "SECRET": self.password}
            command.append(f"{self.access['SFTP user']}@{HOST}")
            typed = typed.replace("/dev/stdin", str(letter))
            done = subprocess.run(command, input=typed, capture_output=True, text=True, env=env, timeout=60, check=False)
            return done.stdout.replace("put " + str(letter), "") if done.returncode == 0 else ""

    def puts_a_page(self):
        """A page of its own, put there with SFTP and asked for with HTTP."""
        self.sftp("put /dev/stdin letter.txt\n")
        status, text = page(self.access["Website"] + "/letter.txt")
        return status == 200 and text == "dear diary\n"

    def reads_a_letter(self):
        subject = f"hello {secrets.token_hex(4)}"
        with smtplib.LMTP(HOST, LMTP) as post:
            post.sendmail("tom@example.org", [self.access["Address"]], f"Subject: {subject}\r\n\r\nWelcome.\r\n")
        mailbox = logs_in(int(self.access["IMAP port"]), self.access["Address"], self.password)
        mailbox.select("INBOX")
        return mailbox.search(None, "SUBJECT", f'"{subject}"')[1][0] != b""


def operator(verb, service, *more):
    done = subprocess.run([COMMAND, "services", verb, service, *more], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong(f"hostwright services {verb}: {done.stderr.strip()}")


def user_of(thing):
    """The unix user under which it runs, which the helper names after the end of its id."""
    return next(user for user in pwd.getpwall() if user.pw_name.startswith(PREFIX) and thing.id.endswith(user.pw_name[len(PREFIX) :]))


def left_over(things, users):
    """What still stands of what was ended: users, processes, and files, databases and pools that are named after it."""
    known = {user.pw_name for user in pwd.getpwall()}
    left = [f"user {user.pw_name}" for user in users if user.pw_name in known]
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid in {user.pw_uid for user in users}:
                left.append(f"process {process.name}")
        except FileNotFoundError:
            pass
    names = [thing.id for thing in things] + [user.pw_name for user in users]
    for top in (ROOT, STATE):
        for folder, folders, files in os.walk(top):
            # A tombstone stays, so that a key is never used again.
            found = [name for name in folders + files if any(theirs in name for theirs in names)]
            left += [os.path.join(folder, name) for name in found if os.path.basename(folder) != "ended"]
    return left


def main():
    email, password, token = customer()
    say(f"• {email} buys everything that this machine hosts")
    orders = {plan: buy(plan, wishes, token) for plan, (_, wishes) in PLANS.items()}
    for plan, order in orders.items():
        shown = until(f"{PLANS[plan][0]} is delivered", lambda order=order: delivered(order))
        say(f"  {PLANS[plan][0]:<14} usable {took(shown):5.2f} s after it was paid")
    owner = Owner(email, password)
    listed = call("GET", f"{API}/api/services", token=token)["services"]
    things = [Bought(service, owner) for service in listed if service["plan"] in PLANS]
    if len(things) != len(PLANS):
        raise Wrong(f"{len(things)} services for {len(PLANS)} orders")
    say("• Used from outside")
    for thing in things:
        thing.set_up()
        if not until(f"{thing.plan} works", thing.works):
            raise Wrong(thing.plan)
        place = thing.access.get("Website") or thing.access.get("Address") or f"{thing.access['SFTP user']} at {HOST}:{thing.access['SFTP port']}"
        say(f"  {PLANS[thing.plan][0]:<14} {place}")
    if not all(thing.reads_a_letter() for thing in things if thing.plan == "mailbox"):
        raise Wrong("a letter did not arrive")
    say("  Mailbox        a letter was delivered and read")
    if not all(thing.puts_a_page() for thing in things if thing.plan == "site"):
        raise Wrong("a page that was put there is not served")
    say("  Website        a page was put there with SFTP and read")
    for verb, what, look, more in (
        ("suspend", "Suspended", Bought.is_stopped, ("--reason", "request")),
        ("resume", "Resumed", Bought.works, ()),
    ):
        for thing in things:
            operator(verb, thing.id, *more)
        for thing in things:
            until(f"{thing.plan} after {verb}", lambda thing=thing: look(thing))
        say(f"• {what}: seen from outside, all {len(things)} of them")
    if os.environ.get("DEMO_KEEP"):
        say("• They stay until the demo ends")
        return
    end(things)


def end(things):
    users = [user_of(thing) for thing in things]
    if not left_over(things, users):
        raise Wrong("what runs is not seen, so that its end would not be")
    for thing in things:
        operator("terminate", thing.id, "--yes")
    try:
        until("nothing is left over", lambda: not left_over(things, users))
    except Wrong as wrong:
        raise Wrong(f"{wrong}: {', '.join(left_over(things, users))}") from wrong
    say("• Ended: no user, process or file of theirs is left")


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        print(f" ✗ {wrong}", file=sys.stderr)
        sys.exit(1)
