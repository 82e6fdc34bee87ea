#!/usr/bin/env node
/**
 * From kill -9 of the worker in the middle of a job to the job going on, several times over: milliseconds from the kill
 * until the next worker has claimed the job, by its `resumed` event. Linux, since it finds the worker in /proc.
 *
 *   node bench/recovery.mjs [ROUNDS]        needs a build (`npm run build`)
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const rounds = Number(process.argv[2] ?? 5)
const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-recovery-'))
const product = spawn(process.execPath, ['scripts/launch.mjs', 'start'], {
  cwd: resolve(import.meta.dirname, '..'),
  env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const url = await new Promise((found) => {
  let text = ''
  product.stdout.on('data', (chunk) => {
    text += chunk
    const match = /listening on (http:\/\/\S+)/.exec(text)
    if (match) found(match[1])
  })
})

const get = async (path) => (await fetch(url + path)).json()
const post = async (path, body) =>
  (await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()

/** The worker of this product: its grandparent or parent is the process started here. */
const findWorker = () => {
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
      return ''
    }
  }
  const parentOf = (pid) => Number(/PPid:\s+(\d+)/.exec(read(pid, 'status'))?.[1] ?? 0)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && /workers\/worker\.js/.test(read(name, 'cmdline')))
    .map(Number)
    .find((pid) => [parentOf(pid), parentOf(parentOf(pid))].includes(product.pid))
}

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 20_000, noiseStd: 0.01, seed: 1 } },
  model: {
    layers: [
      { type: 'dense', units: 64, activation: 'tanh' },
      { type: 'dense', units: 1 },
    ],
  },
  loss: { type: 'mse' },
  optimizer: { type: 'adam', learningRate: 0.001 },
  training: { epochs: 100_000, batchSize: 10, seed: 1 },
  record: { gradients: 'none', weights: 'last' },
}

const measured = []
for (let round = 0; round < rounds; round++) {
  let job = await post('/v1/jobs', config)
  while (job.progress.epoch < 1) job = await get(`/v1/jobs/${job.id}?wait=30`)
  process.kill(findWorker(), 'SIGKILL')
  const killed = Date.now()
  let resumed
  while (!resumed) {
    await get(`/v1/jobs/${job.id}?wait=1`)
    resumed = (await get(`/v1/jobs/${job.id}/events`)).data.find((event) => event.type === 'resumed')
  }
  measured.push(Date.parse(resumed.at) - killed)
  console.log(`${measured.at(-1)} ms`)
  await post(`/v1/jobs/${job.id}/cancel`)
}
measured.sort((a, b) => a - b)
console.log(`median ${measured[Math.floor(rounds / 2)]} ms, worst ${measured.at(-1)} ms, of ${rounds}`)
product.kill('SIGTERM')
await new Promise((done) => product.once('exit', done))
await rm(dataDir, { recursive: true, force: true })
