"""The job engine beside graphile-worker and pgbench, on the same PostgreSQL, in interleaved rounds. `scripts/bench queue`
calls this with what it found and installed in the environment."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from ground import HERE, ROOT, BenchFailed, Database, say
from report import machine, median

NOOP = (
    "INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, payload) "
    "SELECT 3, 'bench.noop', 1, 12, 120000, jsonb_build_object('number', n) FROM generate_series(1, {}) n"
)
OURS, THEIRS, LOADED = "hostwright_bench_queue", "hostwright_bench_graphile", "hostwright_bench_loaded"


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench queue")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=40_000)
    parser.add_argument("--their-jobs", type=int, default=8_000)
    parser.add_argument("--places", type=int, default=128)
    parser.add_argument("--pickups", type=int, default=400)
    parser.add_argument("--claims", type=int, default=1_000)
    parser.add_argument("--finished", type=int, default=10_000_000)
    parser.add_argument("--dead", type=int, default=1_000_000)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--out", required=True)
    return parser.parse_args()


def run(command, database, **more):
    env = {**os.environ, "DATABASE_URL": database.url, **more}
    done = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    if done.returncode != 0:
        raise BenchFailed(f"{' '.join(map(str, command[:3]))}: {(done.stderr + done.stdout).strip()[-600:]}")
    return done.stdout


class Queue:
    def __init__(self, options):
        self.options = options
        self.server = Database(None)
        self.made = []

    def database(self, name):
        self.drop(name)
        self.server.sql(f'CREATE DATABASE "{name}"')
        self.made.append(name)
        return Database(name)

    def drop(self, name):
        self.server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self):
        for name in self.made:
            self.drop(name)

    def ours(self, database, *words):
        return json.loads(run([self.options.bin, *map(str, words)], database))

    def graphile(self, *words):
        """A database of its own each time, so that nothing of the last round is in it."""
        database = self.database(THEIRS)
        command = ["node", str(HERE / "graphile.mjs"), *map(str, words)]
        return json.loads(run(command, database))

    def empty(self, name=OURS):
        database = self.database(name)
        self.ours(database, "migrate")
        return database

    def fill(self, database, jobs):
        database.sql(NOOP.format(jobs))
        database.sql("VACUUM ANALYZE jobs")

    def drained(self, places):
        database = self.empty()
        self.fill(database, self.options.jobs)
        rate = self.ours(database, "drain", "--jobs", self.options.jobs, "--concurrency", places)["per_second"]
        done = int(database.sql("SELECT count(DISTINCT (job_id, lease)) FROM job_history WHERE outcome = 'done'"))
        if done != self.options.jobs or int(database.sql("SELECT count(*) FROM jobs")) > 0:
            raise BenchFailed(f"{done} of {self.options.jobs} jobs are in the history")
        return rate

    def pgbench(self):
        """How many it needs is known only once it has run out: then it is given more than any machine takes."""
        for per_second in (20_000, 100_000):
            database = self.empty()
            self.fill(database, self.options.seconds * per_second)
            command = [os.environ["PGBENCH"], "-n", "-M", "prepared", "-c", "10", "-j", "2", "-T", self.options.seconds]
            out = run([*map(str, command), "-f", str(HERE / "noop.pgbench"), database.url], database)
            if int(database.sql("SELECT count(*) FROM jobs")) > 0:
                return float(re.search(r"tps = ([\d.]+)", out)[1])
        raise BenchFailed("pgbench ran out of jobs")

    def round(self):
        o = self.options
        steady = ["--jobs", o.seconds * 500, "--every-ms", 2, "--concurrency", o.places]
        found = {
            "ours": self.drained(o.places),
            "graphile": self.graphile("drain", o.their_jobs, 24)["per_second"],
            "pgbench": self.pgbench(),
            "ours_24": self.drained(24),
        }
        found["idle"] = self.ours(self.empty(), "pickup", "--jobs", o.pickups, "--concurrency", 24)
        found["graphile_idle"] = self.graphile("pickup", o.pickups, 24)
        found["busy"] = self.ours(self.empty(), "pickup", *steady)
        found["graphile_busy"] = self.graphile("pickup", o.seconds * 500, 24, 2)
        return found

    def claims(self):
        """Claims on an empty queue and on one that is old, in turns, while a snapshot is pinned in the old one."""
        o = self.options
        empty, loaded = self.empty(), self.empty(LOADED)
        pin = subprocess.Popen(
            [os.environ["PSQL"], loaded.url, "-X", "-q"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        try:
            pin.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM jobs;\n")
            pin.stdin.flush()
            pinned = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xmin IS NOT NULL"
            pinned += " AND pid <> pg_backend_pid()"
            while int(loaded.sql(pinned)) == 0:
                time.sleep(0.05)
            began = time.monotonic()
            text = (HERE / "loaded.sql").read_text().replace(":finished", str(o.finished)).replace(":dead", str(o.dead))
            loaded.sql(text)
            say(f"an old queue was made in {time.monotonic() - began:.0f} s")
            rounds = []
            for number in range(o.rounds):
                pair = {name: self.ours(database, "claims", "--claims", o.claims // o.rounds) for name, database in
                        (("empty", empty), ("loaded", loaded))}
                say(f"claims {number + 1}/{o.rounds}: p99 {pair['empty']['p99_ms']:.2f} ms empty, {pair['loaded']['p99_ms']:.2f} ms old")
                rounds.append(pair)
            if int(loaded.sql(pinned)) == 0:
                raise BenchFailed("the snapshot is not held any more")
            return rounds
        finally:
            pin.stdin.close()
            pin.terminate()
            pin.wait()


def row(what, ours, other, ratio, target, met):
    return f"| {what} | {ours} | {other} | {ratio} | {target} | {'met' if met else '**missed**'} |"


def rows(result):
    rounds, claims = result["rounds"], result["claims"]
    rate = lambda name: f"{median([r[name] for r in rounds]):,.0f}/s"
    ratio = lambda above, below: median([r[above] / r[below] for r in rounds])
    at = lambda name, which: median([r[name][which] for r in rounds])
    lines = []
    for name, other, least, label in (("graphile", "graphile-worker, concurrency 24", 4, ""), ("pgbench", "pgbench, 10 clients", 1, "")):
        value = ratio("ours", name)
        what = f"no-op jobs end to end, {result['places']} places"
        lines.append(row(what, rate("ours"), f"{rate(name)} {other}", f"{value:.2f}", f"≥ {least}", value >= least))
    value = ratio("ours_24", "graphile")
    lines.append(f"| … with 24 places | {rate('ours_24')} | {rate('graphile')} graphile-worker | {value:.2f} | | |")
    for which in ("p50_ms", "p99_ms"):
        mine, theirs = at("idle", which), at("graphile_idle", which)
        what = f"pick-up when idle, {which[:3]}"
        lines.append(row(what, f"{mine:.1f} ms", f"{theirs:.1f} ms graphile-worker", f"{mine / theirs:.2f}", "≤ 1", mine <= theirs))
    mine, theirs = at("busy", "p99_ms"), at("graphile_busy", "p99_ms")
    lines.append(row("pick-up at 500 jobs/s, p99", f"{mine:.1f} ms", f"{theirs:.1f} ms graphile-worker", "", "≤ 50 ms", mine <= 50))
    empty, loaded = (median([r[name]["p99_ms"] for r in claims]) for name in ("empty", "loaded"))
    what = f"claim of 50, {result['finished']:,} finished, {result['dead']:,} dead entries pinned, p99"
    lines.append(row(what, f"{loaded:.2f} ms", f"{empty:.2f} ms empty queue", f"{loaded / empty:.2f}", "≤ 3", loaded <= 3 * empty))
    return lines


def write(result, out):
    head = (
        f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())} · {machine()} · PostgreSQL {result['postgres']} · "
        f"graphile-worker {result['graphile']} · {len(result['rounds'])} rounds\n"
        f"Other work on the machine when it began (load average 1, 5, 15 min): "
        f"{', '.join(f'{load:.1f}' for load in result['loads'])}\n\n"
    )
    table = "| what | Hostwright | compared with | ratio | target | |\n| --- | --- | --- | --- | --- | --- |\n"
    text = head + table + "\n".join(rows(result)) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    (out / "queue.md").write_text(text)
    (out / "queue.json").write_text(json.dumps(result, indent=1) + "\n")
    print("\n" + text)


def main():
    options = arguments()
    queue = Queue(options)
    package = Path(os.environ["GRAPHILE"]) / "node_modules/graphile-worker/package.json"
    result = {
        "loads": os.getloadavg(),
        "postgres": queue.server.sql("SHOW server_version").split()[0],
        "graphile": json.loads(package.read_text())["version"],
        "places": options.places,
        "finished": options.finished,
        "dead": options.dead,
        "rounds": [],
    }
    try:
        for number in range(options.rounds):
            found = queue.round()
            result["rounds"].append(found)
            say(
                f"round {number + 1}/{options.rounds}: ours {found['ours']:,.0f}/s (24 places: {found['ours_24']:,.0f}/s), "
                f"graphile {found['graphile']:,.0f}/s, pgbench {found['pgbench']:,.0f}/s; idle p50/p99 "
                f"{found['idle']['p50_ms']:.1f}/{found['idle']['p99_ms']:.1f} ms, graphile "
                f"{found['graphile_idle']['p50_ms']:.1f}/{found['graphile_idle']['p99_ms']:.1f} ms; "
                f"at 500/s p99 {found['busy']['p99_ms']:.1f} ms"
            )
        result["claims"] = queue.claims()
    except BenchFailed as failed:
        sys.exit(f" ✗ {failed}")
    finally:
        queue.close()
    write(result, Path(options.out))


main()
