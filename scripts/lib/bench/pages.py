"""How long pages take at a steady 200 requests a second, with 100,000 orders in the database.

Open loop: each request has its moment, and its time counts from that moment, so that a page that stalls is not spared the
requests that would have come meanwhile. Times are what a client on the same machine sees.
"""

import argparse
import hashlib
import http.client
import json
import shutil
import signal
import sys
import threading
import time
import urllib.parse
from collections import deque
from pathlib import Path

from ground import HERE, ROOT, BenchFailed, Ground, say

ORDERS = 100_000
# Seconds between two orders of the seed.
APART = 62
RATE = 200
THREADS = 24
TOKENS = {"customer": "c" * 64, "admin": "a" * 64}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    return parser.parse_args()


def seed(database):
    """The shop of `million.sql`, a tenth of it, ending now; a customer and an admin who are signed in."""
    begin = int(time.time() * 1000) - ORDERS * APART * 1000
    text = (HERE / "million.sql").read_text()
    text = text.replace("1732147200000", str(begin)).replace("generate_series(1, 1000000)", f"generate_series(1, {ORDERS})")
    text = text.replace("'2024-11-21'::timestamptz", f"to_timestamp({begin // 1000})")
    file = Path(database.scratch) / "pages.sql"
    file.write_text(text)
    database.sql("", file)
    database.sql("UPDATE users SET role = 'admin' WHERE email = 'customer7@example.com'")
    for email, token in (("customer8@example.com", TOKENS["customer"]), ("customer7@example.com", TOKENS["admin"])):
        digest = hashlib.sha256(token.encode()).hexdigest()
        database.sql(
            "INSERT INTO sessions (id, user_id, created_at, expires_at, last_seen_at, proven_at, token_hash) "
            f"SELECT gen_random_uuid(), id, now(), now() + interval '1 day', now(), now(), '\\x{digest}' "
            f"FROM users WHERE email = '{email}'"
        )
    database.sql("ANALYZE")


def pages(database):
    order = database.sql("SELECT 'ord_' || replace(id::text, '-', '') FROM orders WHERE status = 'provisioned' ORDER BY id DESC LIMIT 1")
    return [
        ("storefront", "/", None),
        ("order form", "/order/starter", None),
        ("truth page", f"/orders/{order}", None),
        ("dashboard", "/account", "customer"),
        ("desk: today", "/desk", "admin"),
        ("desk: cases", "/desk/cases", "admin"),
        ("desk: orders", "/desk/orders", "admin"),
        ("desk: an order", f"/desk/orders/{order}", "admin"),
        ("desk: search", "/desk/search?q=customer12", "admin"),
        ("desk: system", "/desk/system", "admin"),
    ]


def load(url, path, who, seconds):
    """Milliseconds of every request, and how many were not answered with 200."""
    host = urllib.parse.urlsplit(url).netloc
    headers = {"cookie": f"hw_session={TOKENS[who]}"} if who else {}
    begin = time.perf_counter() + 0.2
    moments, times, wrong = deque(begin + number / RATE for number in range(RATE * seconds)), [], []

    def client():
        connection = http.client.HTTPConnection(host, timeout=10)
        while True:
            try:
                moment = moments.popleft()
            except IndexError:
                return
            time.sleep(max(0.0, moment - time.perf_counter()))
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    wrong.append(answer.status)
            except OSError as error:
                wrong.append(str(error))
                connection = http.client.HTTPConnection(host, timeout=10)
            times.append((time.perf_counter() - moment) * 1000)

    clients = [threading.Thread(target=client) for _ in range(THREADS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return sorted(times), wrong


def at(times, share):
    return times[min(len(times) - 1, int(len(times) * share))]


def run(options, ground):
    database = ground.database("hostwright_bench")
    database.scratch = options.scratch
    say(f"{ORDERS:,} orders")
    seed(database)
    url = ground.api("api", database, "http://127.0.0.1:9", more={"STAFF_SECOND_FACTOR": "optional", "RUST_LOG": "warn"})
    rows = []
    for name, path, who in pages(database):
        load(url, path, who, 2)
        times, wrong = load(url, path, who, options.seconds)
        if wrong:
            raise BenchFailed(f"{name}: {len(wrong)} answers were not 200, such as {wrong[0]}")
        rows.append({"page": name, "p50": at(times, 0.5), "p99": at(times, 0.99), "most": times[-1]})
        say(f"{name:16} p50 {rows[-1]['p50']:6.1f} ms   p99 {rows[-1]['p99']:6.1f} ms   most {rows[-1]['most']:6.1f} ms")
    return rows


def main():
    options = arguments()
    scratch = Path(options.scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ground = Ground(options.bin, scratch)
    try:
        rows = run(options, ground)
    except BenchFailed as failed:
        print(f" ✗ {failed}\n   logs: {scratch}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ground.close()
    out = ROOT / "target" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / "pages.json").write_text(json.dumps(rows, indent=1) + "\n")
    shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
