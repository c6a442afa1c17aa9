"""Intake under attack: floods of webhooks, genuine and forged, against pgbench; ten thousand slow clients of each kind.

scripts/bench intake calls this with what it found and installed in the environment.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import events
import loads
from ground import ROOT, WEBHOOK_SECRET, BenchFailed, Ground, say
from report import machine, row

FLOOD = 64
KINDS = {"idle": "say nothing", "head": "send a head by the byte", "body": "send a body by the byte", "read": "read nothing"}
FORGED_EVENTS = 500


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench intake")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--scratch", required=True)
    return parser.parse_args()


class Intake:
    def __init__(self, options, ground):
        self.options = options
        self.ground = ground
        self.database = ground.database("hostwright_bench")
        self.forged = str(ground.scratch / "forged")

    def flood(self):
        ground, options = self.ground, self.options
        url = ground.api("api", self.database, "http://127.0.0.1:9")
        loads.webhooks(url, 1, ground.scratch)
        rounds = []
        for number in range(options.rounds):
            steps = [self.pgbench, self.genuine, self.refused]
            measured = {}
            for step in reversed(steps) if number % 2 else steps:
                self.database.sql("TRUNCATE jobs, stripe_events_log")
                ground.settle()
                measured |= step(url)
            rounds.append(measured)
            say(
                f"round {number + 1} of {options.rounds}: pgbench {measured['pgbench']:,.0f}/s, "
                f"genuine {measured['genuine']:,.0f}/s (p99 {measured['genuine_p99_ms']:.0f} ms, "
                f"{measured['per_commit']:.0f} events a commit), forged {measured['forged']:,.0f}/s"
            )
        ground.stop("api")
        return rounds

    def pgbench(self, _):
        return {"pgbench": loads.webhook_statements(self.database, self.options.seconds)}

    def genuine(self, url):
        result = loads.webhooks(url, self.options.seconds, self.ground.scratch, FLOOD)
        rows, commits = self.database.sql(
            "SELECT count(*) || ' ' || count(DISTINCT xmin::text) FROM stripe_events_log"
        ).split()
        if int(rows) < result["requests"]:
            raise BenchFailed(f"{result['requests']} events were acknowledged, but {rows} are stored")
        return {
            "genuine": result["rate"],
            "genuine_p50_ms": result["p50_us"] / 1000,
            "genuine_p99_ms": result["p99_us"] / 1000,
            "per_commit": int(rows) / int(commits),
        }

    def refused(self, url):
        events.write_signed(FORGED_EVENTS, 1, "whsec_of_somebody_else", self.forged)
        result = loads.wrk_refused("forged.lua", url, FLOOD, self.options.seconds, self.forged + ".0")
        if result["refused"] != result["requests"]:
            raise BenchFailed(f"a forged event was not refused: {result}")
        if self.database.sql("SELECT count(*) FROM stripe_events_log") != "0":
            raise BenchFailed("a forged event was stored")
        return {"forged": result["rate"], "forged_p99_ms": result["p99_us"] / 1000}

    def slow(self, kind):
        """A fresh api, so that its memory is that of this attack."""
        name, ground = f"api-{kind}", self.ground
        # More places than there are attackers: what sheds them is the time they take, not a newcomer.
        room = {"API_MAX_CONNECTIONS": self.options.connections + 2000}
        url = ground.api(name, self.database, "http://127.0.0.1:9", more=room)
        command = [str(ground.bin / "slow-clients"), urlsplit(url).netloc, kind, str(self.options.connections)]
        command += [str(ground.pid(name)), WEBHOOK_SECRET]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise BenchFailed(f"slow-clients {kind}: {done.stderr.strip()[-600:]}")
        result = json.loads(done.stdout)
        ground.stop(name)
        health, webhooks = result["health"], result["webhooks"]
        say(
            f"{result['opened']:,} that {KINDS[kind]}: the server was rid of all {result['rid_of_all_ms'] / 1000:.1f} s "
            f"after the first came; probe p99 {health['p99_us'] / 1000:.0f} ms, webhook p99 "
            f"{webhooks['p99_us'] / 1000:.0f} ms; {result['rss_kb'] / 1024:.0f} MB"
        )
        return result

    def run(self):
        before = os.getloadavg()
        rounds = self.flood()
        slow = [self.slow(kind) for kind in KINDS]
        return {
            "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
            "machine": machine(),
            "postgres": self.database.sql("SHOW server_version").split()[0],
            "loads_before": before,
            "seconds": self.options.seconds,
            "rounds": rounds,
            "slow": slow,
        }


def table(result):
    """Markdown: medians of the rounds, ratios within each round."""
    rounds = result["rounds"]

    def median(name):
        return statistics.median(round_[name] for round_ in rounds)

    def ratio(above, below):
        return statistics.median(round_[above] / round_[below] for round_ in rounds)

    def per_second(name):
        return f"{median(name):,.0f}/s"

    genuine, forged, strict = ratio("genuine", "pgbench"), ratio("forged", "pgbench"), ratio("forged", "genuine")
    p99 = median("genuine_p99_ms")
    title = f"webhook flood, {FLOOD} connections, {median('per_commit'):.0f} events a commit"
    lines = [
        "| what | Hostwright | compared with | ratio | target | |",
        "| --- | --- | --- | --- | --- | --- |",
        row(title, per_second("genuine"), f"pgbench, single-row commits: {per_second('pgbench')}", f"{genuine:.2f}",
            "≥ 1.3", genuine >= 1.3),
        row("… its p99", f"{p99:.0f} ms", "", "", "≤ 200 ms", p99 <= 200),
        row(f"forged events refused, {FLOOD} connections", per_second("forged"), f"pgbench: {per_second('pgbench')}",
            f"{forged:.2f}", "≥ 5", forged >= 5),
        row("… against our own rate of genuine ones", per_second("forged"), per_second("genuine"), f"{strict:.2f}", "", None),
    ]
    for slow in result["slow"]:
        # On the server's side, from the first connection on: a client that does not read may not hear of its end.
        held, memory = slow["rid_of_all_ms"] / 1000, slow["rss_kb"] / 1024
        worst = max(slow["health"]["p99_us"], slow["webhooks"]["p99_us"]) / 1000
        failed = slow["health"]["failed"] + slow["webhooks"]["failed"]
        met = not failed and held <= 15 and worst <= 500 and memory <= 300
        lines.append(row(
            f"{slow['opened']:,} clients that {KINDS[slow['kind']]}",
            f"all shed {held:.1f} s after the first came",
            f"p99 of a probe {slow['health']['p99_us'] / 1000:.0f} ms, of a webhook "
            f"{slow['webhooks']['p99_us'] / 1000:.0f} ms, {failed} failed; {memory:.0f} MB",
            "", "≤ 15 s, ≤ 500 ms, ≤ 300 MB", met))
    before = ", ".join(f"{load:.1f}" for load in result["loads_before"])
    head = (
        f"{result['when']} · {result['machine']} · PostgreSQL {result['postgres']} · {len(rounds)} rounds of "
        f"{result['seconds']} s each\nOther work on the machine when it began (load average 1, 5, 15 min): {before}\n"
    )
    return head + "\n" + "\n".join(lines) + "\n"


def main():
    options = arguments()
    scratch = Path(options.scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ground = Ground(options.bin, scratch)
    try:
        result = Intake(options, ground).run()
    except BenchFailed as failed:
        print(f" ✗ {failed}\n   logs: {scratch}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ground.close()
    text = table(result)
    out = ROOT / "target" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / "intake.md").write_text(text)
    (out / "intake.json").write_text(json.dumps(result, indent=1) + "\n")
    print(text)
    say(f"written to {out / 'intake.md'} and intake.json")
    shutil.rmtree(scratch, ignore_errors=True)
    return 0


sys.exit(main())
