"""What a benchmark stands on: databases of its own, Hostwright's programs, and the stand-in for Stripe.

Everything that is started here is stopped again by `Ground.close`, whatever happens.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WEBHOOK_SECRET = "whsec_" + secrets.token_hex(16)
STRIPE_KEY = "sk_test_sandbox"
PANEL_KEY = "ptla_sandbox000000000000000000000000000000000000"
DELAY_MS = 100


class BenchFailed(Exception):
    """A step that did not work, and why."""


def say(text):
    print(f"   {text}", flush=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Database:
    """One database on the server that DATABASE_URL names."""

    def __init__(self, name):
        self.name = name
        parts = urlsplit(os.environ["DATABASE_URL"])
        self.url = urlunsplit(parts._replace(path="/" + name)) if name else os.environ["DATABASE_URL"]

    def sql(self, text, file=None):
        """Runs SQL, a text or a file; what it prints, unaligned, without headings."""
        what = ["-f", str(file)] if file else ["-c", text]
        command = [os.environ["PSQL"], self.url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *what]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise BenchFailed(f"psql on {self.name}: {done.stderr.strip()[-600:]}")
        return done.stdout.strip()


class Ground:
    """Databases and programs of one benchmark."""

    def __init__(self, bin_dir, scratch):
        self.bin = Path(bin_dir)
        self.scratch = Path(scratch)
        self.running = {}
        self.databases = []
        self.server = Database(None)
        self.keys = {"SECRETS_KEY": secrets.token_hex(32), "JWT_SECRET": secrets.token_hex(32)}
        self.instant, self.slow = free_port(), free_port()

    def database(self, name):
        """A fresh database with the shop's tables and catalogue."""
        self.server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.server.sql(f'CREATE DATABASE "{name}"')
        made = Database(name)
        self.databases.append(made)
        self._operator(made, "migrate")
        self._operator(made, "catalog", "apply", str(ROOT / "catalog.toml"))
        return made

    def _operator(self, database, *arguments):
        env = {**os.environ, "DATABASE_URL": database.url}
        command = [str(self.bin / "hostwright"), *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchFailed(f"hostwright {' '.join(arguments)}: {(done.stderr + done.stdout).strip()[-600:]}")

    def settle(self):
        """A checkpoint, so that the one that is due does not fall into somebody's round. Dropping a database makes one,
        which needs no superuser."""
        self.server.sql("DROP DATABASE IF EXISTS hostwright_bench_settle")
        self.server.sql("CREATE DATABASE hostwright_bench_settle")
        self.server.sql("DROP DATABASE hostwright_bench_settle")

    def stripe_stand_in(self):
        """nginx on two ports: `instant`, and `slow`, which answers after DELAY_MS."""
        fields = {
            "object": "checkout.session",
            "url": "http://127.0.0.1/pay/cs_test_$request_id",
            "mode": "subscription",
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": 799,
            "amount_subtotal": 799,
            "currency": "usd",
            "livemode": False,
            "payment_method_collection": "always",
            "ui_mode": "hosted_page",
        }
        session = json.dumps({"id": "cs_test_$request_id", **fields})
        text = (HERE / "stand-in.nginx").read_text()
        # JSON may be followed by white space: the answer is whole only when the padding has come, too.
        values = {
            "DIR": self.scratch,
            "INSTANT": self.instant,
            "SLOW": self.slow,
            "SESSION": session,
            "PADDING": " " * 900,
            "RATE": 1000 * 1000 // DELAY_MS,
            "DELAY_MS": DELAY_MS,
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        config = self.scratch / "nginx.conf"
        config.write_text(text)
        error_log = str(self.scratch / "nginx.error.log")
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        command = [os.environ["NGINX"], "-e", error_log, "-p", str(self.scratch), "-c", str(config), *user]
        self.start("nginx", command, {})
        self.answers("nginx", f"http://127.0.0.1:{self.instant}/v1/x")

    def api(self, name, database, stripe_base, port=None, more=None):
        """An API of its own, with more settings if given; returns its address."""
        port = port or free_port()
        env = self._shop(database, stripe_base) | {"API_LISTEN": f"127.0.0.1:{port}"} | (more or {})
        self.start(name, [str(self.bin / "hostwright-api")], env)
        url = f"http://127.0.0.1:{port}"
        self.answers(name, url + "/api/health")
        return url

    def worker(self, name, database, stripe_base, services=None):
        env = self._shop(database, stripe_base)
        env |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "9", "EMAIL_FROM": "Bench <bench@example.com>"}
        self.start(name, [str(self.bin / "hostwright-worker")], env | (services or {}))

    def _shop(self, database, stripe_base):
        return self.keys | {
            "DATABASE_URL": database.url,
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": stripe_base,
            "PUBLIC_SITE_URL": "http://127.0.0.1",
            # All load comes from here.
            "LIMITS": "off",
        }

    def start(self, name, command, env):
        # Settings of the person at the keyboard must not become part of what is measured.
        kept = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
        whole = {key: os.environ[key] for key in kept if key in os.environ} | {k: str(v) for k, v in env.items()}
        with open(self.scratch / f"{name}.log", "w") as log:
            child = subprocess.Popen(
                command, env=whole, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.running[name] = child

    def answers(self, name, url, patience=20):
        """Waits until a program answers."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.running[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        tail = (self.scratch / f"{name}.log").read_text()[-800:]
        raise BenchFailed(f"{name} does not answer at {url}; its log ends with:\n{tail}")

    def pid(self, name):
        return self.running[name].pid

    def stop(self, *names):
        for name in names:
            child = self.running.pop(name, None)
            if child is None or child.poll() is not None:
                continue
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def close(self):
        self.stop(*reversed(list(self.running)))
        for database in self.databases:
            try:
                self.server.sql(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')
            except BenchFailed as failed:
                say(f"could not drop {database.name}: {failed}")
