/** Holds a running service against its own OpenAPI document: Schemathesis makes the requests and judges the answers. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createApi, type Json } from '../support/e2e/api.ts'
import { discard, root, startProduct } from '../support/e2e/product.ts'

export type ContractOptions = {
  /** The Python that has Schemathesis. */
  python: string
  /** Requests to be sent at least. */
  requests: number
  seed: number
  /** What is run first, and then again and again with another seed until enough was sent. */
  rounds: Round[]
  say: (text: string) => void
}

/** Phases of Schemathesis, and how many requests it makes up for each operation. */
export type Round = { phases: string; examples: number }

export type ContractReport = { sent: number; failures: string[] }

/** @returns what was wrong, in Schemathesis's own words, with a command for each failure */
export const runContract = async ({ python, requests, seed, rounds, say }: ContractOptions): Promise<ContractReport> => {
  const product = await startProduct({ API_KEYS: `contract:${key}` })
  const report: ContractReport = { sent: 0, failures: [] }
  // Schemathesis keeps what it found in the folder that it is started in.
  const cwd = await mkdtemp(join(tmpdir(), 'trainyard-contract-'))
  try {
    const ids = JSON.stringify(await make(product.url))
    for (let at = 0; report.sent < requests; at++) {
      const round = rounds[Math.min(at, rounds.length - 1)]
      if (!round) throw new Error('there is no round to run')
      const { sent, failure } = await runRound(python, { cwd, url: product.url, ids, seed: seed + at, round })
      report.sent += sent
      say(`${report.sent} requests, the last ${sent} by ${round.phases} with the seed ${seed + at}`)
      if (failure !== undefined) report.failures.push(failure)
      if (sent === 0) break
    }
    return report
  } finally {
    await discard(product)
    await rm(cwd, { recursive: true, force: true })
  }
}

const key = 'a-key-of-the-contract'
const folder = join(root, 'tests/contract')

const runRound = async (
  python: string,
  { cwd, url, ids, seed, round: { phases, examples } }: { cwd: string; url: string; ids: string; seed: number; round: Round },
): Promise<{ sent: number; failure: string | undefined }> => {
  const limits = ['--max-examples', String(examples), '--seed', String(seed), '--request-timeout', '60', '--no-shrink']
  const child = spawn(
    python,
    [
      ...['-m', 'schemathesis.cli', '--config-file', join(folder, 'schemathesis.toml'), 'run', `${url}/openapi.json`],
      ...['--header', `Authorization: Bearer ${key}`, '--checks', 'all', '--phases', phases, '--continue-on-failure', '--warnings', 'off'],
      ...limits,
    ],
    {
      cwd,
      env: {
        ...process.env,
        CONTRACT_IDS: ids,
        CONTRACT_SEED: String(seed),
        SCHEMATHESIS_HOOKS: 'hooks',
        PYTHONPATH: folder,
        PYTHONDONTWRITEBYTECODE: '1',
        NO_COLOR: '1',
      },
    },
  )
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const sent = Number(/(\d+) generated/.exec(out)?.[1] ?? 0)
  return { sent, failure: code === 0 ? undefined : inShortLines(`${out}\n${err}`) }
}

/** A URL may have thousands of characters. */
const inShortLines = (told: string): string => told.replaceAll(/(?<=^.{1000}).+$/gm, '…')

/** Something of each kind to ask about, by the part of a path before its id. */
const make = async (url: string): Promise<Record<string, string[]>> => {
  const api = createApi(url, { authorization: `Bearer ${key}` })
  const config: Json = JSON.parse(readFileSync(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
  const post = async (path: string, body: Json): Promise<string> => (await api.call<{ id: string }>('POST', path, body)).body.id
  const trained = await api.train({ ...config, record: { gradients: 'full', weights: 'everyEpoch' } })
  return {
    jobs: [trained.id, await post('/v1/jobs', config)],
    datasets: [
      trained.dataset.id,
      await post('/v1/datasets', {
        rows: [
          { x: 1, c: 'a', y: 2 },
          { x: 2, c: 'b', y: 4 },
        ],
        labels: ['y'],
      }),
    ],
    sweeps: [await post('/v1/sweeps', { base: config, grid: { 'training.batchSize': [10, 20] } })],
    uploads: [await post('/v1/uploads', { contentType: 'text/csv' })],
    keys: [await post('/v1/keys', { scope: 'read' })],
  }
}
