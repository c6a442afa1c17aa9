"""The table: medians of interleaved rounds, ratios within each round, the machine and the date."""

import os
import platform
import statistics
import time
from pathlib import Path

BEGIN = "<!-- bench: begin (written by scripts/bench) -->"
END = "<!-- bench: end -->"
INTRODUCTION = """# Benchmarks

`scripts/bench` measures the release build against pgbench, which runs the same statements and commits on the same PostgreSQL
(fsync on) in the same run. Rounds are interleaved and medians are taken; a ratio is the median of the ratios within each
round. Only the ratios say something about Hostwright: the absolute figures say how fast this machine was that day, with
everything else that ran on it. No test asserts a time.

* **Webhook intake**: `wrk` with 32 connections, every event new and signed, about 2 KB; pgbench with 10 clients runs the one
  statement that stores an event and its job.
* **create-session**: a guest's request, `wrk` with 32 connections, Stripe played by nginx, which answers at once; pgbench with
  10 clients runs the two transactions, statement by statement.
* **Slow Stripe**: the same with 256 connections while the stand-in takes 100 ms. «Idle in transaction» counts the API's
  connections that had a transaction open and waited for longer than 50 ms: one that is held while Stripe answers would show.
* **1 M orders**: the same loads on a database with a million orders, payments, sessions and events and three million timeline
  entries; the ratio is to the empty database.
* **Memory**: what api and worker keep resident together, at most, under these loads.
* **Paid to provisioning**: single purchases through the sandbox while nothing else goes on, from the order's timeline.

"""


def median(values):
    return statistics.median(values)


def of_rounds(rounds, above, below):
    """The median of the ratios of two measurements within each round."""
    return median([round_[above] / round_[below] for round_ in rounds])


def machine():
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return f"{os.cpu_count()} × {model}, {memory:.0f} GB, Linux {platform.release()}"


def row(what, measured, against, ratio, target, met):
    verdict = "" if met is None else ("met" if met else "**missed**")
    return f"| {what} | {measured} | {against} | {ratio} | {target} | {verdict} |"


def rate(rounds, name):
    return f"{median([round_[name] for round_ in rounds]):,.0f}/s"


def ratio_row(what, rounds, above, below, target):
    """A ratio that must be at least `target` (or just is, when there is none)."""
    value = of_rounds(rounds, above, below)
    wanted, met = (f"≥ {target}", value >= target) if target else ("", None)
    return row(what, rate(rounds, above), rate(rounds, below), f"{value:.2f}", wanted, met)


def flat_row(what, rounds, empty, full):
    """How much slower the full database is; ours must stay within 1.2, PostgreSQL's own is there to compare with."""
    value = of_rounds(rounds, empty, full)
    wanted, met = ("", None) if "pg" in full else ("≤ 1.2×", value <= 1.2)
    return row(what, rate(rounds, full), f"{rate(rounds, empty)} empty", f"{value:.2f}× slower", wanted, met)


def slow_rows(rounds, peaks):
    """What a slow Stripe does to create-session."""
    wanted, name = 2400, "create-session, 256 connections, Stripe takes 100 ms"
    slow, held = rate(rounds, "slow"), peaks.get("idle_long")
    ratio, instant = of_rounds(rounds, "slow", "checkout_pg"), of_rounds(rounds, "slow", "checkout")
    reached = median([round_["slow"] for round_ in rounds]) >= wanted
    return [
        row(name, slow, rate(rounds, "checkout_pg"), f"{ratio:.2f}", f"≥ {wanted:,}/s", reached),
        row("… against an instant Stripe", slow, rate(rounds, "checkout"), f"{instant:.2f}", "", None),
        row(
            "… idle in transaction for over 50 ms, at most",
            f"{held} connections",
            f"{peaks.get('idle_now')} for less",
            "",
            "0",
            held == 0,
        ),
    ]


def table(result):
    rounds, peaks = result["rounds"], result["peaks"]
    lines = [
        "| what | Hostwright | compared with | ratio | target | |",
        "| --- | --- | --- | --- | --- | --- |",
        ratio_row("webhook intake, 32 connections", rounds, "webhook", "webhook_pg", 0.8),
        ratio_row("… while the worker processes them", rounds, "webhook_worker", "webhook_pg", None),
        ratio_row("create-session, 32 connections, instant Stripe", rounds, "checkout", "checkout_pg", 0.5),
    ]
    lines += slow_rows(rounds, peaks)
    if result["full"]:
        lines.append(flat_row("webhook intake with 1 M orders", rounds, "webhook", "webhook_full"))
        lines.append(flat_row("create-session with 1 M orders", rounds, "checkout", "checkout_full"))
        lines.append(flat_row("(pgbench's webhook statement with 1 M orders)", rounds, "webhook_pg", "webhook_pg_full"))
        lines.append(flat_row("(pgbench's create-session with 1 M orders)", rounds, "checkout_pg", "checkout_pg_full"))
    memory = peaks.get("memory")
    lines.append(row("memory of api + worker under load", f"{memory:.0f} MB", "", "", "< 80 MB", memory < 80))
    paid, received = result["paid_ms"], result["received_ms"]
    spread = f"{min(paid):.1f} … {max(paid):.1f} ms over {len(paid)}"
    lines.append(row("paid → provisioning, idle, median", f"{median(paid):.1f} ms", spread, "", "< 20 ms", median(paid) < 20))
    lines.append(row("… webhook received → provisioning", f"{median(received):.1f} ms", "", "", "", None))
    return "\n".join(lines)


def text(result):
    minutes = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    loads = ", ".join(f"{load:.1f}" for load in result["loads"])
    head = (
        f"{minutes} · {machine()} · PostgreSQL {result['postgres']} · "
        f"{len(result['rounds'])} rounds of {result['seconds']} s each\n"
        f"Other work on the machine when it began (load average 1, 5, 15 min): {loads}\n"
    )
    slow = ["p50_ms", "p99_ms"]
    fast = {name: median([round_[f"checkout_{name}"] for round_ in result["rounds"]]) for name in slow}
    hook = {name: median([round_[f"webhook_{name}"] for round_ in result["rounds"]]) for name in slow}
    tail = (
        f"\nLatency under these loads: webhook {hook['p50_ms']:.1f} ms median, {hook['p99_ms']:.1f} ms p99; "
        f"create-session {fast['p50_ms']:.1f} ms median, {fast['p99_ms']:.1f} ms p99.\n"
    )
    return f"{head}\n{table(result)}\n{tail}"


def write(path, measured):
    """Puts the table between the markers; the rest of the page stays as it is."""
    page = path.read_text() if path.exists() else INTRODUCTION + BEGIN + "\n" + END + "\n"
    if BEGIN not in page or END not in page:
        page = page.rstrip() + "\n\n" + BEGIN + "\n" + END + "\n"
    before, rest = page.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n\n{measured}\n{END}{after}")
