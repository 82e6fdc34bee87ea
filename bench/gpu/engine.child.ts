/** One backend in a process of its own: reads `{folder, rounds}` a line, trains the job in there so often, answers what came of it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { EpochReport, RecordedTensor } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { type LoadedBackend, loadBackend } from '../../workers/engine/backends/load-backend.ts'
import { createEagerEngine } from '../../workers/engine/eager/engine.ts'
import { createGraphEngine } from '../../workers/engine/graph/engine.ts'

const loaded = await loadBackend(process.argv[2] as LoadedBackend['name'])
const eager = createEagerEngine(loaded)
const engine = loaded.native ? createGraphEngine({ loaded, native: loaded.native, eager }) : eager

const answer = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

const readFloats = (folder: string, name: string): Float32Array => {
  const bytes = readFileSync(path.join(folder, name))
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

const train = async (folder: string): Promise<EpochReport[]> => {
  const plan = JSON.parse(readFileSync(path.join(folder, 'plan.json'), 'utf8')) as Plan
  const [features, labels] = [readFloats(folder, 'features.bin'), readFloats(folder, 'labels.bin')]
  const run = await engine.open(plan, { rows: plan.trainingRows, features: [features], labels })
  const reports: EpochReport[] = []
  while (!reports.at(-1)?.finished) {
    while (!(await run.run(plan.stepsPerEpoch)).epochEnded);
    reports.push(await run.evaluate())
  }
  await run.close()
  return reports
}

const encode = ({ values }: RecordedTensor): string => {
  const { buffer, byteOffset, byteLength } = values ?? new Float32Array()
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/** The numbers by `epoch/kind/name`: losses as numbers, tensors as base64 of little-endian float32. */
const numbersOf = (reports: readonly EpochReport[]): Record<string, number | string> =>
  Object.fromEntries(
    reports.flatMap(({ epoch, loss, gradients, weights }) => [
      [`${epoch}/loss/`, loss],
      ...gradients.map((tensor) => [`${epoch}/gradient/${tensor.name}`, encode(tensor)]),
      ...weights.map((tensor) => [`${epoch}/weight/${tensor.name}`, encode(tensor)]),
    ]),
  )

answer({ backend: loaded.name, device: loaded.device, version: loaded.version })
for await (const line of createInterface({ input: process.stdin })) {
  const { folder, rounds } = JSON.parse(line) as { folder: string; rounds: number }
  const seconds: number[] = []
  const runs: Record<string, number | string>[] = []
  for (let round = 0; round < rounds; round += 1) {
    const reports = await train(folder)
    seconds.push(reports.reduce((sum, report) => sum + report.seconds, 0))
    runs.push(numbersOf(reports))
  }
  const [first, ...others] = runs.map((run) => JSON.stringify(run))
  answer({ seconds, numbers: runs[0], repeats: others.every((other) => other === first) })
}
process.exit(0)
