// graphile-worker in its default mode, measured as queue-bench measures ours. Prints one line of JSON.
//   node graphile.mjs drain JOBS CONCURRENCY | pickup JOBS CONCURRENCY [EVERY_MS]
// DATABASE_URL: a database of its own. GRAPHILE: the folder where it is installed.
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";

const require = createRequire(`${process.env.GRAPHILE}/package.json`);
const { run, runMigrations, Logger } = require("graphile-worker");
const { Pool } = require("pg");

const [what, count, concurrency, everyMs] = process.argv.slice(2);
const jobs = Number(count);
const connectionString = process.env.DATABASE_URL;
const logger = new Logger(() => (level, message) => {
  if (level === "error") console.error(message);
});
const options = { connectionString, concurrency: Number(concurrency), maxPoolSize: 10, logger, noHandleSignals: true };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function drain() {
  await runMigrations(options);
  const pool = new Pool({ connectionString });
  await pool.query("SELECT graphile_worker.add_job('noop', json_build_object('number', n)) FROM generate_series(1, $1::int) n", [jobs]);
  await pool.query("VACUUM ANALYZE");
  let left = jobs;
  let finished;
  const done = new Promise((resolve) => (finished = resolve));
  const began = performance.now();
  const runner = await run({ ...options, taskList: { noop: () => { if (--left === 0) finished(); } } });
  await done;
  // Until the last of them are recorded, as ours are when they count.
  await runner.stop();
  const seconds = (performance.now() - began) / 1000;
  await pool.end();
  return { jobs, concurrency: Number(concurrency), seconds, per_second: jobs / seconds };
}

async function pickup() {
  await runMigrations(options);
  const pool = new Pool({ connectionString, max: 12 });
  const first = 20;
  const sent = new Map();
  const times = [];
  let begun = () => {};
  const noop = ({ number }) => {
    const waited = performance.now() - sent.get(number);
    if (number >= first) times.push(waited);
    begun();
  };
  const runner = await run({ ...options, taskList: { noop } });
  const add = (number) => {
    sent.set(number, performance.now());
    return pool.query("SELECT graphile_worker.add_job('noop', json_build_object('number', $1::int))", [number]);
  };
  const oneByOne = async (from, to) => {
    for (let number = from; number < to; number++) {
      const started = new Promise((resolve) => (begun = resolve));
      await add(number);
      await started;
      await pause(60);
    }
  };
  await oneByOne(0, first);
  if (everyMs === undefined) {
    await oneByOne(first, first + jobs);
  } else {
    const from = performance.now();
    const adding = [];
    for (let number = first; number < first + jobs; number++) {
      const wait = from + (number - first) * Number(everyMs) - performance.now();
      if (wait > 0) await pause(wait);
      adding.push(add(number));
    }
    await Promise.all(adding);
    while (times.length < jobs) await pause(5);
  }
  await runner.stop();
  await pool.end();
  times.sort((a, b) => a - b);
  const at = (thousandth) => times[Math.min(Math.floor((times.length * thousandth) / 1000), times.length - 1)];
  return { jobs: times.length, p50_ms: at(500), p99_ms: at(990), max_ms: at(1000) };
}

console.log(JSON.stringify(await { drain, pickup }[what]()));
