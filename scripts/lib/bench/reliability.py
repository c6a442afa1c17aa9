"""Puts what the runs left in target/bench/ into docs/RELIABILITY.md, between its marks."""

import datetime
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BENCH = ROOT / "target" / "bench"
PAGE = ROOT / "docs" / "RELIABILITY.md"
BEGIN, END = "<!-- figures: begin (written by scripts/reliability) -->", "<!-- figures: end -->"


def read(name):
    path = BENCH / name
    return path.read_text() if path.exists() else None


def when(name):
    stamp = datetime.datetime.fromtimestamp((BENCH / name).stat().st_mtime, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%d %H:%M UTC")


def machine():
    """As the benchmarks name it."""
    for name in ("queue.md", "intake.md"):
        if text := read(name):
            found = re.search(r"· (\d+ × .*?) · PostgreSQL ([\d.]+)", text)
            if found:
                return f"{found[1]} · PostgreSQL {found[2]}"
    return "machine not recorded"


def simulation():
    lines = ["### Simulation", "", "| what | orders | faults | took | lost | doubled | stuck | other rules broken | run |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"]
    for name in ("simulation.json", "simulation-webhooks.json"):
        if (text := read(name)) is None:
            continue
        data = json.loads(text)
        summary, verdict = data["summary"], data["verdict"]
        lines.append(f"| {data['title']} | {summary['orders']} | {summary['faults']} | {summary['took']} | {verdict['lost']} | "
                     f"{verdict['doubled']} | {verdict['stuck']} | {verdict['any other rule broken']} | {when(name)} |")
        lines.append(f"| … slowest after calm | {summary['slowest order after calm']} | | | | | | | |")
    if text := read("planted.txt"):
        found = re.search(r"(\d+) of (\d+) planted bugs found", text)
        lines += ["", f"Planted bugs: **{found[0] if found else 'the run did not end'}** ({when('planted.txt')})."]
        rows = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("──")]
        lines += ["", "<details><summary>Each of them</summary>", "", "```text", *rows, "```", "", "</details>"]
    return lines


def torture():
    lines = ["### Crash harness", "",
             "| scenario | orders confirmed | paid | delivered | before a person | faults | violations | figures | run |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |"]
    for path in sorted(BENCH.glob("torture-*.json")):
        data = json.loads(path.read_text())
        orders = data["orders"]
        figures = "; ".join(f"{figure['what'].strip()}: {figure['got']}"
                            + (f" ({figure['want']})" if figure["want"] else "") + ("" if figure["holds"] else " **missed**")
                            for figure in data["figures"] if figure["what"] != "faults")
        violations = len(data["violations"]) + len(data["left"])
        lines.append(f"| {data['scenario']}: {data['what']} | {orders['confirmed']} | {orders['paid']} | {orders['delivered']} | "
                     f"{orders['cases']} | {data['totals']['faults']} | {violations} | {figures} | {when(path.name)} |")
    return lines


def speed(title, name):
    text = read(name)
    return [f"### {title}", "", *(text.strip().splitlines() if text else ["Not run."])]


def main():
    page = PAGE.read_text()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    parts = [[machine()], simulation(), torture(), speed("Queue", "queue.md"), speed("Intake", "intake.md")]
    body = "\n\n".join("\n".join(part) for part in parts)
    PAGE.write_text(f"{page[:begin]}\n\n{body}\n\n{page[end:]}")
    print(f"written: {PAGE.relative_to(ROOT)}")


sys.exit(main())
