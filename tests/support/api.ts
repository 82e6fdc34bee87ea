/** The whole API in the test's own process, over a database and wake-ups of the test's own; requests go through `app.inject`. */
import assert from 'node:assert/strict'
import type { FastifyBaseLogger, InjectOptions } from 'fastify'
import { composeApi } from '../../src/compose-api.ts'
import type { Config } from '../../src/config.ts'
import type { ValidationError } from '../../src/contracts/error-codes.ts'
import { createLeaseRepository, type LeaseRepository } from '../../src/features/jobs/lease.repository.ts'
import type { Claim } from '../../src/features/jobs/lease.ts'
import type { Pace } from '../../src/http/bodies/progress.ts'
import type { App } from '../../src/http/types.ts'
import { batch } from './batches.ts'
import type { TestDatabase } from './postgres.ts'
import { type Bench, notebook, openBench } from './worker.ts'

/** An answer, its body parsed where it is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
export type Answer = { status: number; headers: Record<string, string>; body: any }

export type TestApi = {
  app: App
  bench: Bench
  get: (path: string, headers?: Record<string, string>) => Promise<Answer>
  /** An object goes as JSON, a string as it is. */
  post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  remove: (path: string, headers?: Record<string, string>) => Promise<Answer>
  send: (request: InjectOptions) => Promise<Answer>
  /** Queues the notebook's job, or that with other parts; gives the job. */
  submit: (parts?: object) => Promise<Answer['body']>
  /** A worker's claim of the next job; `gpu`: the worker has one. */
  claim: (options?: {
    gpu?: boolean
  }) => Promise<Claim & { commit: (parts: Parameters<typeof batch>[0]) => ReturnType<LeaseRepository['commit']> }>
  close: () => Promise<void>
}

type TestApiOptions = {
  apiKeys?: { tenant: string; secret: string }[]
  /** What requests are sent with that name no other. */
  key?: string
  operatorKeys?: { tenant: string; secret: string }[]
  rateLimit?: number
  bodyLimit?: number
  maxStoredBytes?: number
  maxQueuedJobs?: number
  maxRunningJobs?: number
  retentionDays?: number
  inferenceTimeoutMs?: number
  quietMs?: number
  freshMs?: number
  openPerTenant?: number
  pace?: Pace
  redisUrl?: string
  allowedHosts?: string[]
  corsOrigins?: string[]
  importHosts?: string[]
  outbound?: { allowHttp: boolean; allowPrivate: boolean }
  mlflow?: NonNullable<Config['mlflow']>
  log?: FastifyBaseLogger
  /** A database that lies there already. */
  stored?: TestDatabase
}

export const openTestApi = async ({
  apiKeys = [],
  key,
  bodyLimit = 2 ** 26,
  inferenceTimeoutMs,
  quietMs,
  freshMs,
  openPerTenant,
  pace,
  redisUrl,
  log,
  stored,
  ...others
}: TestApiOptions = {}): Promise<TestApi> => {
  const bench = await openBench({ redisUrl, stored })
  const app = await composeApi({
    infrastructure: bench,
    config: { apiKeys, bodyLimit, ...others },
    log,
    inferenceTimeoutMs,
    quietMs,
    freshMs,
    openPerTenant,
    pace,
  })

  const send: TestApi['send'] = async (request) => {
    const { statusCode, headers, body } = await app.inject(
      key === undefined ? request : { ...request, headers: { authorization: `Bearer ${key}`, ...request.headers } },
    )
    const json = /[/+]json\b/.test(String(headers['content-type']))
    return { status: statusCode, headers: headers as Record<string, string>, body: json ? JSON.parse(body) : body }
  }
  return {
    app,
    bench,
    send,
    get: (url, headers = {}) => send({ method: 'GET', url, headers }),
    post: (url, body, headers = {}) => send({ method: 'POST', url, headers, ...(body === undefined ? {} : { payload: body as object }) }),
    remove: (url, headers = {}) => send({ method: 'DELETE', url, headers }),
    submit: async (parts = {}) => {
      const { status, body } = await send({ method: 'POST', url: '/v1/jobs', payload: notebook(parts) })
      assert.equal(status, 202, JSON.stringify(body))
      return body
    },
    claim: async ({ gpu = false } = {}) => {
      const lease = createLeaseRepository(bench.database)
      const claimed = await lease.claim({ gpu })
      assert.ok(claimed, 'a job is runnable')
      return { ...claimed, commit: (parts) => lease.commit(claimed, batch(parts)) }
    },
    close: async () => {
      await app.close()
      await bench.close()
    },
  }
}

/** The answer is a problem of this status and code, whole and without internals; gives its validation errors. */
export const assertProblem = ({ status, headers, body }: Answer, expected: number, code: string): ValidationError[] => {
  assert.equal(status, expected, JSON.stringify(body))
  assert.match(headers['content-type'] ?? '', /^application\/problem\+json/)
  assert.equal(body.status, expected)
  assert.equal(body.code, code, JSON.stringify(body))
  assert.equal(body.requestId, headers['x-request-id'])
  for (const key of ['type', 'title', 'detail', 'instance']) assert.ok(body[key].length > 0, key)
  for (const error of body.errors) assert.match(error.path, /^\/./, 'a path is a JSON Pointer and never empty')
  return body.errors
}

/** Paths of validation errors, sorted. */
export const pathsOf = (errors: readonly ValidationError[]): string[] => errors.map(({ path }) => path).sort()
