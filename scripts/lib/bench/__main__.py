"""Runs the rounds. scripts/bench calls this with what it found and installed in the environment."""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import loads
import pickup
import report
from ground import HERE, ROOT, BenchFailed, Ground, say

FULL_NAME = "hostwright_bench_full"


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--purchases", type=int, default=24)
    parser.add_argument("--no-million", dest="million", action="store_false")
    parser.add_argument("--no-write", dest="write", action="store_false")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--scratch", required=True)
    return parser.parse_args()


class Bench:
    def __init__(self, options, ground):
        self.options = options
        self.ground = ground
        self.seconds = options.seconds
        self.peaks = loads.Peaks()
        self.urls = {}

    def prepare(self):
        began = time.monotonic()
        ground = self.ground
        self.small = ground.database("hostwright_bench")
        self.full = ground.database(FULL_NAME) if self.options.million else None
        if self.full:
            say("filling a second database with 1 M orders (a minute or more)")
            self.full.sql("", file=HERE / "million.sql")
            say(f"filled in {time.monotonic() - began:.0f} s")
        self.small.sql("VACUUM ANALYZE")
        ground.stripe_stand_in()
        instant = f"http://127.0.0.1:{ground.instant}"
        self.urls["api"] = ground.api("api", self.small, instant)
        self.urls["slow"] = ground.api("api-slow", self.small, f"http://127.0.0.1:{ground.slow}")
        if self.full:
            self.urls["full"] = ground.api("api-full", self.full, instant)
        for name, url in self.urls.items():  # connections are made and statements prepared before anything counts
            loads.checkouts(url, 1)
            if name != "slow":
                loads.webhooks(url, 1, ground.scratch)

    def clear(self):
        """Intake without a worker piles up jobs, which no real shop would have."""
        self.small.sql("TRUNCATE jobs, stripe_events_log")
        if self.full:
            self.full.sql("TRUNCATE jobs")

    def round(self, number):
        """Every measurement once; every other round in the opposite order."""
        steps = [self.webhook_pg, self.webhook, self.checkout_pg, self.checkout, self.slow, self.webhook_worker]
        if self.full:
            steps[2:2] = [self.webhook_full, self.webhook_pg_full]
            steps += [self.checkout_full, self.checkout_pg_full]
        measured = {}
        for step in reversed(steps) if number % 2 else steps:
            self.clear()
            self.ground.settle()
            value = step()
            if isinstance(value, dict):
                for name in ("p50", "p99"):
                    measured[f"{step.__name__}_{name}_ms"] = value[f"{name}_us"] / 1000
                value = value["rate"]
            measured[step.__name__] = value
        shown = [f"{name} {value:,.0f}" for name, value in measured.items() if not name.endswith("_ms")]
        say(f"round {number + 1}: " + ", ".join(shown))
        return measured

    def webhook_pg(self):
        return loads.webhook_statements(self.small, self.seconds)

    def webhook_pg_full(self):
        return loads.webhook_statements(self.full, self.seconds)

    def webhook(self):
        result = loads.webhooks(self.urls["api"], self.seconds, self.ground.scratch)
        self.kept("stripe_events_log", 0, result)
        return result

    def kept(self, table, before, result):
        """An answer that left no row would make every figure worthless."""
        rows = self.rows(table) - before
        if rows < result["requests"]:
            raise BenchFailed(f"{result['requests']} requests were answered, but {table} has {rows} rows of them")

    def rows(self, table):
        return int(self.small.sql(f"SELECT count(*) FROM {table}"))

    def webhook_full(self):
        return loads.webhooks(self.urls["full"], self.seconds, self.ground.scratch)

    def webhook_worker(self):
        """Intake while a worker processes what comes in."""
        self.ground.worker("worker", self.small, f"http://127.0.0.1:{self.ground.instant}")
        try:
            with loads.watched(loads.memory_of(self.ground, "api", "worker"), self.peaks):
                return self.webhook()
        finally:
            self.ground.stop("worker")

    def checkout_pg(self):
        return loads.checkout_statements(self.small, self.seconds)

    def checkout_pg_full(self):
        return loads.checkout_statements(self.full, self.seconds)

    def checkout(self, name="api", connections=loads.CONNECTIONS):
        before = self.rows("order_sessions")
        result = loads.checkouts(self.urls[name], self.seconds, connections)
        self.kept("order_sessions", before, result)
        return result

    def checkout_full(self):
        return loads.checkouts(self.urls["full"], self.seconds)

    def slow(self):
        """256 guests at once, and Stripe takes its time; a worker is there, for the memory that both take."""
        idle = loads.IdleInTransaction(self.small)
        self.ground.worker("worker", self.small, f"http://127.0.0.1:{self.ground.slow}")
        try:
            memory = loads.memory_of(self.ground, "api-slow", "worker")
            with loads.watched(idle, self.peaks), loads.watched(memory, self.peaks):
                return self.checkout("slow", connections=256)
        finally:
            idle.close()
            self.ground.stop("worker")

    def run(self):
        before = os.getloadavg()
        self.prepare()
        rounds = [self.round(number) for number in range(self.options.rounds)]
        self.ground.stop("api", "api-slow", "api-full", "nginx")
        say(f"{self.options.purchases} single purchases")
        paid, received = pickup.measure(self.ground, self.small, self.options.purchases, self.peaks)
        return {
            "rounds": rounds,
            "peaks": self.peaks,
            "full": self.full is not None,
            "paid_ms": paid,
            "received_ms": received,
            "loads": before,
            "seconds": self.seconds,
            "postgres": self.small.sql("SHOW server_version").split()[0],
        }


def main():
    options = arguments()
    scratch = Path(options.scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ground = Ground(options.bin, scratch)
    try:
        measured = report.text(Bench(options, ground).run())
    except BenchFailed as failed:
        print(f" ✗ {failed}\n   logs: {scratch}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ground.close()
    print(measured)
    if options.write:
        report.write(ROOT / "docs" / "BENCHMARKS.md", measured)
    shutil.rmtree(scratch, ignore_errors=True)
    return 0


sys.exit(main())
