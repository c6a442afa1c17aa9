"""The loads, and what is watched while they run."""

import json
import os
import re
import subprocess
import threading
import time
from contextlib import contextmanager

import events
from ground import HERE, WEBHOOK_SECRET, BenchFailed

THREADS = 2
CONNECTIONS = 32
PGBENCH_CLIENTS = 10
# Events signed for each second of a round; a round that needs more says so instead of repeating one.
EVENTS_PER_SECOND = 24000


def wrk(script, url, connections, seconds, argument):
    """One run of wrk in which every request is served."""
    result = wrk_refused(script, url, connections, seconds, argument)
    if result["refused"] or result["broken"] or result["ran_dry"]:
        raise BenchFailed(f"wrk with {script} against {url}: not every request was served: {result}")
    return result


def wrk_refused(script, url, connections, seconds, argument):
    """One run of wrk, whatever is answered; requests per second and what the Lua script reported."""
    command = [os.environ["WRK"], f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(HERE / script), url, "--", argument]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    line = re.search(r"^RESULT (.*)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not line:
        raise BenchFailed(f"wrk with {script}: {(done.stderr + done.stdout).strip()[-600:]}")
    result = json.loads(line[1])
    result["rate"] = result["requests"] / (result["us"] / 1e6)
    return result


def pgbench(script, database, seconds, variables):
    """One run of pgbench; transactions of the script per second."""
    command = [os.environ["PGBENCH"], "-n", "-M", "prepared", f"-c{PGBENCH_CLIENTS}", f"-j{THREADS}", f"-T{seconds}"]
    command += ["-f", str(HERE / script), "-D", "n=0"]
    for name, value in variables.items():
        command += ["-D", f"{name}={value}"]
    done = subprocess.run([*command, database.url], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    rate = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not rate:
        raise BenchFailed(f"pgbench with {script}: {(done.stderr + done.stdout).strip()[-600:]}")
    return float(rate[1])


def new_word():
    """A word that no other round used."""
    return os.urandom(5).hex()


def webhooks(url, seconds, scratch, connections=CONNECTIONS):
    """Signed events, each new, into the API."""
    name = str(scratch / "events")
    events.write_signed(EVENTS_PER_SECOND * (seconds + 1), THREADS, WEBHOOK_SECRET, name)
    return wrk("webhooks.lua", url, connections, seconds, name)


def webhook_statements(database, seconds):
    """pgbench with the statement that the API runs for a webhook."""
    return pgbench("webhook.pgbench", database, seconds, {"run": new_word(), "payload": events.body()})


def checkouts(url, seconds, connections=CONNECTIONS):
    """Guests' create-session calls."""
    return wrk("checkouts.lua", url, connections, seconds, new_word())


def checkout_statements(database, seconds):
    """pgbench with the two transactions of a create-session."""
    ids = database.sql(
        "SELECT p.id || ' ' || r.id FROM products p JOIN prices r ON r.product_id = p.id"
        " WHERE p.code = 'starter' AND r.billing_cycle = 'monthly' AND r.active"
    )
    product, price = ids.split()
    variables = {"run": new_word(), "ms": int(time.time() * 1000), "product": product, "price": price}
    return pgbench("create_session.pgbench", database, seconds, variables)


class Peaks:
    """The largest values seen, by name."""

    def __init__(self):
        self.values = {}

    def saw(self, name, value):
        self.values[name] = max(self.values.get(name, 0), value)

    def get(self, name):
        return self.values.get(name, 0)


@contextmanager
def watched(look, peaks, every=0.1):
    """Calls `look(peaks)` now and then while the block runs."""
    over = threading.Event()

    def watch():
        while not over.wait(every):
            look(peaks)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(5)


def memory_of(ground, *names):
    """A look at what the named programs keep resident, together, in MB."""

    def look(peaks):
        total = 0
        for name in names:
            try:
                with open(f"/proc/{ground.pid(name)}/status") as status:
                    total += next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
            except (OSError, StopIteration):
                return
        peaks.saw("memory", total / 1024)

    return look


class IdleInTransaction:
    """A look at the API's connections that have a transaction open and do nothing: at all, which every transaction does
    between two statements, and for longer than 50 ms, which is one that waits for somebody else."""

    QUERY = (
        "SELECT count(*) || ' ' || count(*) FILTER (WHERE clock_timestamp() - state_change > interval '50 ms')"
        " FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'hostwright-api'"
        " AND state LIKE 'idle in transaction%';\n"
    )

    def __init__(self, database):
        command = [os.environ["PSQL"], database.url, "-X", "-q", "-A", "-t"]
        pipe = subprocess.PIPE
        self.psql = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        self.query = self.QUERY.format(database.name)

    def __call__(self, peaks):
        try:
            self.psql.stdin.write(self.query)
            self.psql.stdin.flush()
            now, long = self.psql.stdout.readline().split()
        except (OSError, ValueError):
            return
        peaks.saw("idle_now", int(now))
        peaks.saw("idle_long", int(long))

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(5)
