/** A small client of the API, as any other program would write it: nothing here knows the product's code. */
import assert from 'node:assert/strict'

export type ValidationError = { path: string; code: string; message: string; line?: number; column?: string; value?: unknown }
export type Problem = { type: string; title: string; status: number; code: string; requestId: string; errors?: ValidationError[] }
export type Tensor = { shape: number[]; values: number[] }
export type NamedTensor = Tensor & { name: string; norm: number }
export type Gradient = Tensor & { epoch: number; parameter: string; norm: number }
export type Epoch = {
  epoch: number
  loss: number | string
  batchLoss: number | string
  validationLoss: number | null
  learningRate: number
  gradientNorm: number | string
  seconds: number
  metrics: Record<string, number>
}
export type JobEvent = { seq: number; type: string; at: string; data: Record<string, unknown> }
export type Job = {
  id: string
  status: string
  config: Record<string, unknown> & { training: { seed: number }; metadata?: unknown }
  dataset: { id: string }
  progress: { epoch: number; epochs: number; fraction: number; etaSeconds: number | null; latestLoss: number | string | null }
  queue: { position: number | null } | null
  engine: { name: string; backend: string; device: string; version: string } | null
  result: { loss: number; epochs: number; seconds: number; estimationError?: { weights: number[]; bias: number } } | null
  error: { code: string; message: string } | null
  metadata: Record<string, unknown>
  createdAt: string
  queuedAt: string
  startedAt: string | null
  finishedAt: string | null
}
export type Column = { name: string; type: string; min: number; max: number; mean: number; std: number }
export type Dataset = { id: string; rows: number; columns: Column[]; contentHash: string; createdAt: string }
export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null }
export type Weights = { jobId: string; epoch: number; parameters: NamedTensor[] }

export type Answer<Body> = { status: number; headers: Headers; body: Body }

/** A request body as an object of any shape: tests send wrong ones on purpose. */
export type Json = Record<string, unknown>

const terminal = ['succeeded', 'failed', 'cancelled']

/** Speaks to the API at `base`; `headers` go with every request. */
export const createApi = (base: string, headers: Record<string, string> = {}) => {
  /** One request. Objects are sent as JSON, strings as they are. */
  const call = async <Body>(method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<Answer<Body>> => {
    const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
    const sent = body === undefined ? undefined : raw ? (body as string | Uint8Array<ArrayBuffer> | FormData) : JSON.stringify(body)
    const type: Record<string, string> = body === undefined || raw ? {} : { 'content-type': 'application/json' }
    const response = await fetch(base + path, { method, headers: { ...type, ...headers, ...extra }, body: sent })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parse(text) as Body }
  }

  const get = async <Body>(path: string): Promise<Body> => {
    const answer = await call<Body>('GET', path)
    assert.equal(answer.status, 200, `GET ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** Creates a dataset out of a JSON body. */
  const upload = async (body: Json): Promise<Dataset> => {
    const answer = await call<Dataset>('POST', '/v1/datasets', body)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return answer.body
  }

  const submit = async (config: Json): Promise<Job> => {
    const answer = await call<Job>('POST', '/v1/jobs', config)
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    return answer.body
  }

  /** Waits until the job satisfies `enough`, by the API's own `wait`; fails after `seconds`. */
  const until = async (id: string, enough: (job: Job) => boolean, seconds = 60): Promise<Job> => {
    const end = Date.now() + seconds * 1000
    let job = await get<Job>(`/v1/jobs/${id}`)
    while (!enough(job)) {
      assert.ok(Date.now() < end, `still not there after ${seconds} s: ${JSON.stringify(job)}`)
      assert.ok(!terminal.includes(job.status), `ended too early: ${JSON.stringify(job)}`)
      job = await get<Job>(`/v1/jobs/${id}?wait=5`)
    }
    return job
  }

  const ended = (id: string, seconds?: number): Promise<Job> => until(id, (job) => terminal.includes(job.status), seconds)

  /** Submits a job and waits for its end, which must be success. */
  const train = async (config: Json, seconds?: number): Promise<Job> => {
    const job = await ended((await submit(config)).id, seconds)
    assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
    return job
  }

  const epochs = async (id: string) => (await get<{ data: Epoch[] }>(`/v1/jobs/${id}/epochs`)).data
  const gradients = async (id: string, query = '') => (await get<{ data: Gradient[] }>(`/v1/jobs/${id}/gradients${query}`)).data
  const weights = (id: string, query = '') => get<Weights>(`/v1/jobs/${id}/weights${query}`)
  const events = async (id: string) => (await get<{ data: JobEvent[] }>(`/v1/jobs/${id}/events`)).data

  return { base, call, get, upload, submit, until, ended, train, epochs, gradients, weights, events }
}

export type Api = ReturnType<typeof createApi>

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
