#!/usr/bin/env node
/**
 * Training by hand: what a step costs as a request, and many trainers at once while their processes are killed.
 *
 *   node bench/trainers.mjs [--steps 900] [--trainers 0] [--seconds 120] [--killEveryMs 1500]
 *
 * Everything embedded, the notebook's 2→1 model. With `--trainers` so many make the same steps at once, one a request, while the
 * process that has them open is killed every now and then; each repeats a request that failed, and all must end with the same values.
 * Needs a build (`npm run build`).
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { root, startService, summary } from './service.mjs'

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '900' },
    trainers: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '120' },
    killEveryMs: { type: 'string', default: '1500' },
  },
})
const { dataset, model, loss, optimizer } = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
const step = [{ type: 'batch', size: 10 }, { type: 'zeroGradients' }, { type: 'forwardBackward' }, { type: 'step' }]
const service = await startService()
const { call } = service

const open = async () => (await call('POST', '/v1/trainers', { dataset, model, loss, optimizer, seed: 42 })).id
const ask = (id, seq, operations) => call('POST', `/v1/trainers/${id}/operations?wait=60`, { seq, operations })
const timed = async (work) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const measure = async () => {
  const steps = Number(options.steps)
  const [single, hundreds, loop] = [await open(), await open(), await open()]
  // Starting the process and compiling are no part of a step.
  for (const id of [single, hundreds, loop]) await ask(id, 1, step)
  const times = []
  for (let seq = 2; seq <= steps + 1; seq += 1) times.push(await timed(() => ask(single, seq, step)))
  const total = times.reduce((sum, time) => sum + time, 0)
  console.log(`one step a request, ${steps} steps: ${(total / 1000).toFixed(2)} s, ms a step`, summary(times))
  const many = Array.from({ length: 100 }, () => step).flat()
  const hundred = []
  for (let seq = 2; seq <= 10; seq += 1) hundred.push(await timed(() => ask(hundreds, seq, many)))
  console.log('100 steps a request, ms a request', summary(hundred))
  const repeats = []
  for (let seq = 2; seq <= 11; seq += 1)
    repeats.push(await timed(() => ask(loop, seq, [{ type: 'repeat', times: steps, operations: step }])))
  console.log(`repeat of ${steps} steps, ms a request`, summary(repeats))
}

const amidKills = async (count) => {
  const end = performance.now() + 1000 * Number(options.seconds)
  let [kills, repeated] = [0, 0]
  const ids = await Promise.all(Array.from({ length: count }, open))
  const answers = ids.map(() => [])
  const drive = async (id, losses) => {
    while (performance.now() < end) {
      try {
        const { results } = await ask(id, losses.length + 1, step)
        losses.push(results[2].loss)
      } catch (error) {
        repeated += 1
        if (/\b4\d\d\b/.test(error.message)) throw error
        await sleep(100)
      }
    }
  }
  const kill = async () => {
    while (performance.now() < end) {
      await sleep(Number(options.killEveryMs) * (0.5 + Math.random()))
      for (const { pid, command } of service.processes()) {
        if (!/trainer\.child/.test(command)) continue
        process.kill(pid, 'SIGKILL')
        kills += 1
      }
    }
  }
  await Promise.all([kill(), ...ids.map((id, at) => drive(id, answers[at]))])
  const longest = answers.toSorted((one, other) => other.length - one.length)[0]
  for (const losses of answers) assert.deepEqual(losses, longest.slice(0, losses.length), 'a trainer went another way')
  const made = answers.reduce((sum, losses) => sum + losses.length, 0)
  assert.ok(kills > 0 && answers.every((losses) => losses.length > 0), 'nothing was killed, or a trainer made no step')
  console.log(`${count} trainers, ${made} steps, ${kills} kills, ${repeated} requests repeated: every loss of every step is the same`)
}

try {
  if (Number(options.trainers) > 0) await amidKills(Number(options.trainers))
  else await measure()
} finally {
  await service.stop()
}
