#!/usr/bin/env node
/**
 * Sends one request file of this folder to a running service and prints what the notebook prints.
 *
 *   node examples/run.mjs examples/linear-regression-concise.json [http://127.0.0.1:3000] [--csv table.csv]
 *
 * Which address a file belongs to is in routes.json; everything else goes to POST /v1/jobs. With `--csv` the table is
 * uploaded first and takes the place of `dataset.id`. API_KEY is sent as a bearer token where it is set.
 */
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'

const { values: flags, positionals } = parseArgs({ allowPositionals: true, options: { csv: { type: 'string' } } })
const [file, base = 'http://127.0.0.1:3000'] = positionals
if (!file) {
  console.error('usage: node examples/run.mjs FILE [URL] [--csv TABLE]')
  process.exit(2)
}

const authorization = process.env.API_KEY ? { authorization: `Bearer ${process.env.API_KEY}` } : {}

/** How often a request is sent again that the service asks for later. Its Idempotency-Key makes one job of it all the same. */
const retries = 5

/** A request; what the service cannot answer now is sent again when it says. */
const send = async (url, request) => {
  for (let left = retries; ; left--) {
    const response = await fetch(url, request)
    const seconds = Number(response.headers.get('retry-after'))
    if (![429, 503].includes(response.status) || !seconds || left === 0) return response
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}

/** One request; anything but a 2xx ends the program with the problem that the service told. */
const call = async (method, path, body, type = 'application/json') => {
  const headers = { ...authorization, ...(body ? { 'content-type': type, 'idempotency-key': randomUUID() } : {}) }
  const response = await send(base + path, { method, headers, body })
  const answer = await response.json()
  if (response.ok) return answer
  console.error(`${method} ${path}: ${response.status} ${answer.title ?? ''}`)
  for (const one of answer.errors ?? []) console.error(`  ${one.path}: ${one.message}`)
  process.exit(1)
}

const digits = (numbers, places = 4) => `[${numbers.map((one) => Number(one).toFixed(places)).join(', ')}]`
const few = (numbers) => (numbers.length > 8 ? `${digits(numbers.slice(0, 8)).slice(0, -1)}, … ${numbers.length} values]` : digits(numbers))
const ended = (status) => ['succeeded', 'failed', 'cancelled'].includes(status)

const finish = async (job) => {
  let now = job
  while (!ended(now.status)) now = await call('GET', `/v1/jobs/${job.id}?wait=60&waitFor=end`)
  return now
}

const printJob = async (submitted) => {
  const job = await finish(submitted)
  const { data: epochs } = await call('GET', `/v1/jobs/${job.id}/epochs`)
  const { data: gradients } = await call('GET', `/v1/jobs/${job.id}/gradients`)
  for (const { epoch, loss, metrics } of epochs) {
    for (const one of gradients.filter((gradient) => gradient.epoch === epoch))
      console.log(`gradient of ${one.parameter}: ${one.values ? few(one.values) : `norm ${one.norm.toFixed(4)}`}`)
    const measured = Object.entries(metrics ?? {}).map(([name, value]) => `, ${name} ${value.toFixed(4)}`)
    console.log(`epoch ${epoch}, loss ${typeof loss === 'number' ? loss.toFixed(6) : loss}${measured.join('')}`)
  }
  if (job.status !== 'succeeded') {
    console.log(`${job.status}: ${job.error?.code} ${job.error?.message}`)
    process.exitCode = 1
    return
  }
  const { parameters } = await call('GET', `/v1/jobs/${job.id}/weights`)
  for (const one of parameters) console.log(`${one.name}: ${few(one.values)}`)
  const { solver, estimationError: errors } = job.result
  if (solver) {
    const { weights, bias = [] } = solver.standardErrors
    console.log(`standard errors of w: ${few(weights)}\nstandard errors of b: ${few([bias].flat())}`)
    console.log(`R²: ${digits([solver.rSquared].flat(), 6)}`)
  }
  if (errors) console.log(`error in estimating w: ${digits(errors.weights)}\nerror in estimating b: ${digits([errors.bias])}`)
}

const printLoss = ({ value, gradients }) => {
  console.log(`loss: ${typeof value === 'number' ? value.toFixed(4) : digits(value.values)}`)
  for (const [index, gradient] of gradients.entries()) console.log(`gradient of input ${index}: ${digits(gradient.values)}`)
}

const printSample = ({ mean, std, min, max }) => {
  for (const [name, value] of Object.entries({ mean, std, min, max })) console.log(`${name} ${value.toFixed(4)}`)
}

const printSweep = async (submitted) => {
  let sweep = submitted
  while (sweep.status !== 'finished') {
    await finish(await call('GET', `/v1/jobs/${sweep.jobs.find((job) => !ended(job.status)).jobId}`))
    sweep = await call('GET', `/v1/sweeps/${submitted.id}`)
  }
  console.log(`ranked by ${sweep.rankedBy}: ${sweep.rankedBecause}`)
  const columns = ['rank', 'loss', 'loss per example', 'error in w', 'error in b', 'point']
  const rows = sweep.jobs.map(({ rank, loss, perExampleLoss, estimationError, point }) => [
    String(rank ?? ''),
    typeof loss === 'number' ? loss.toFixed(6) : String(loss ?? ''),
    typeof perExampleLoss === 'number' ? perExampleLoss.toFixed(6) : '',
    estimationError ? digits(estimationError.weights) : '',
    estimationError ? estimationError.bias.toFixed(4) : '',
    Object.entries(point)
      .map(([path, value]) => `${path} ${value}`)
      .join(', '),
  ])
  for (const row of [columns, ...rows]) console.log(row.map((cell, index) => cell.padEnd([5, 11, 17, 19, 11, 0][index])).join(''))
}

const printers = { '/v1/jobs': printJob, '/v1/sweeps': printSweep, losses: printLoss, initializers: printSample }

const routes = JSON.parse(await readFile(join(import.meta.dirname, 'routes.json'), 'utf8'))
const route = routes[basename(file)] ?? '/v1/jobs'
const body = JSON.parse(await readFile(file, 'utf8'))
if (flags.csv) body.dataset.id = (await call('POST', '/v1/datasets', await readFile(flags.csv, 'utf8'), 'text/csv')).id
const answer = await call('POST', route, JSON.stringify(body))
await (printers[route] ?? printers[route.split('/')[2]])(answer)
