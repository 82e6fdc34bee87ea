#!/usr/bin/env node
/**
 * Training by hand, the notebook's 2→1 model: what a step costs as a request, with others in one request, and in a loop on the server; from
 * Node.js, from Python, and while a long job holds the worker's only place. Prints a table.
 *
 *   node bench/trainers.mjs [--steps 900] [--python PATH] [--profiles FOLDER]
 *
 * Everything embedded. `--python` is an interpreter with httpx, that of the tests unless given: without one there are no lines of Python.
 * `--profiles` takes a CPU profile of each process that ends by itself. Needs a build (`npm run build`). Many trainers while processes are
 * killed: `npm run test:chaos -- --trainers 200`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { root, startService, summary } from './service.mjs'

const { values: options } = parseArgs({
  options: { steps: { type: 'string', default: '900' }, python: { type: 'string' }, profiles: { type: 'string' } },
})
const steps = Number(options.steps)
const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
const { dataset, model, loss, optimizer } = config
const step = [{ type: 'batch', size: 10 }, { type: 'zeroGradients' }, { type: 'forwardBackward' }, { type: 'step' }]
const service = await startService({ env: { WORKERS: '1' }, profiles: options.profiles })
const { call } = service
const database = new pg.Client(await service.databaseUrl())
await database.connect()

/** Sends one kind of request again and again to a trainer of its own, whose process is there and whose graph is compiled. */
const driver = async () => {
  const { id } = await call('POST', '/v1/trainers', { dataset, model, loss, optimizer, seed: 42 })
  let seq = 0
  const ask = async (operations) => {
    seq += 1
    const began = performance.now()
    await call('POST', `/v1/trainers/${id}/operations?wait=60`, { seq, operations })
    return performance.now() - began
  }
  await ask(step)
  return async (operations, times) => {
    const took = []
    while (took.length < times) took.push(await ask(operations))
    return took
  }
}

const commits = async () => {
  // What a connection did is told at most once a second.
  await new Promise((done) => setTimeout(done, 1500))
  const { rows } = await database.query('select xact_commit::int as commits from pg_stat_database where datname = current_database()')
  return rows[0].commits
}

/** A line of the table; each request makes so many steps. */
const line = (name, took, stepsEach) => {
  const { p50, p99, max } = summary(took)
  const total = took.reduce((sum, ms) => sum + ms, 0)
  return [name, took.length, p50, p99, max, (total / 1000).toFixed(2), Math.round((1000 * stepsEach * took.length) / total)]
}

/** Another request of one step, while a job that lasts long is being trained. */
const besideAJob = async () => {
  const examples = { synthetic: { ...dataset.synthetic, examples: 20_000 } }
  const long = {
    ...config,
    dataset: examples,
    training: { epochs: 10_000, batchSize: 10, seed: 1 },
    record: { gradients: 'none', weights: 'last' },
  }
  const { id } = await call('POST', '/v1/jobs', long)
  while ((await call('GET', `/v1/jobs/${id}?wait=1`)).status !== 'running');
  const perform = await driver()
  const took = await perform(step, 200)
  const { status } = await call('GET', `/v1/jobs/${id}`)
  if (status !== 'running') throw new Error(`the long job was ${status} before the steps were made`)
  await call('POST', `/v1/jobs/${id}/cancel`)
  return took
}

const program = `
import json, sys, time, trainyard
config, steps = json.loads(sys.argv[1]), int(sys.argv[2])
client = trainyard.Client(sys.argv[3])
one, loop = client.trainers.create(config), client.trainers.create(config)
operations = [{"type": "batch", "size": 10}, {"type": "zeroGradients"}, {"type": "forwardBackward"}, {"type": "step"}]
for trainer in (one, loop):
    trainer.perform(*operations)
def timed(work):
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
batches = [batch for epoch in range(1, -(-steps // 100) + 1) for batch in one.batches(10, epoch=epoch)][:steps]
print(json.dumps([[timed(lambda: one.train_step(batch)) for batch in batches], [timed(lambda: loop.repeat(steps, *operations)) for _ in range(10)]]))
`

/** The same from Python: steps one by one, and loops. */
const fromPython = (python) => {
  const subject = JSON.stringify({ dataset, model, loss, optimizer, seed: 42 })
  const env = { ...process.env, PYTHONPATH: join(root, 'clients/python/src') }
  return JSON.parse(execFileSync(python, ['-c', program, subject, String(steps), service.url], { env, maxBuffer: 2 ** 24 }).toString())
}

const pythonOfTests = () => {
  const cache = join(root, '.cache')
  const folder = existsSync(cache) && readdirSync(cache).find((name) => /^python-[0-9a-f]+$/.test(name))
  return folder ? join(cache, folder, 'bin/python') : undefined
}

try {
  const lines = []
  const single = await driver()
  // Code is compiled meanwhile.
  await single(step, 100)
  const before = await commits()
  lines.push(line('one step', await single(step, steps), 1))
  const commitsEach = ((await commits()) - before) / steps
  lines.push(line('100 steps', await (await driver())(Array.from({ length: 100 }, () => step).flat(), 20), 100))
  lines.push(line(`\`repeat\` of ${steps} steps`, await (await driver())([{ type: 'repeat', times: steps, operations: step }], 20), steps))
  const python = options.python ?? pythonOfTests()
  if (python) {
    const [one, loop] = fromPython(python)
    lines.push(line('one step, from Python', one, 1), line(`\`repeat\` of ${steps} steps, from Python`, loop, steps))
  }
  lines.push(line("one step, a job in the worker's only place", await besideAJob(), 1))
  const head = ['request', 'requests', 'p50 ms', 'p99 ms', 'slowest ms', 'together s', 'steps a second']
  console.log([head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n'))
  const load = os.loadavg().map((one) => one.toFixed(1))
  console.log(
    `\n${commitsEach.toFixed(1)} commits a step. ${os.availableParallelism()} cores, Node ${process.versions.node}, load average ${load.join(', ')}.`,
  )
} finally {
  await database.end()
  await service.stop()
}
