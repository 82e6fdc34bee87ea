/** The job in the service's engine: reads a job's folder, then trains once per line on stdin and answers with one JSON line. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TrainingData } from '../src/contracts/engine.ts'
import type { Plan } from '../src/contracts/plan.ts'
import { type LoadedBackend, loadBackend } from '../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../workers/engine/eager/engine.ts'
import { createGraphEngine } from '../workers/engine/graph/engine.ts'

const [folder = '', backend = 'tensorflow', engineName = 'graph'] = process.argv.slice(2)

const read = (name: string): Float32Array => {
  const bytes = readFileSync(path.join(folder, name))
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

const engineOf = (loaded: LoadedBackend) =>
  loaded.native && engineName === 'graph'
    ? createGraphEngine({ loaded, native: loaded.native, eager: createEagerEngine(loaded) })
    : createEagerEngine(loaded)

const loaded = await loadBackend(backend as LoadedBackend['name'])
const engine = engineOf(loaded)
const plan = JSON.parse(readFileSync(path.join(folder, 'plan.json'), 'utf8')) as Plan
const data: TrainingData = { rows: plan.trainingRows, features: [read('features.bin')], labels: read('labels.bin') }

/** Seconds as the service reports them: compiling, steps and full-set losses; and until everything is closed again. */
const train = async () => {
  const started = performance.now()
  const cpu = process.cpuUsage()
  const run = await engine.open(plan, data)
  let [seconds, loss, finished] = [0, Number.NaN, false]
  while (!finished) {
    await run.run(plan.stepsPerEpoch)
    const report = await run.evaluate()
    seconds += report.seconds
    loss = report.loss
    finished = report.finished
  }
  await run.close()
  const { user, system } = process.cpuUsage(cpu)
  return {
    cpuSeconds: (user + system) / 1e6,
    seconds,
    wallSeconds: (performance.now() - started) / 1000,
    loss,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
}

const answer = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

answer({ ready: true, ...engine.describe(plan) })
for await (const _ of createInterface({ input: process.stdin })) answer(await train())
process.exit(0)
