/** What the service asks of an MLflow tracking server, by its REST API. The address is the operator's. */
import { limitedSignal } from '../limited-signal.ts'

export type MlflowSettings = {
  /** Of the server, without a slash at its end. */
  uri: string
  experiment: string
  username?: string | undefined
  password?: string | undefined
  /** Goes before name and password. */
  token?: string | undefined
}

/** A run, by what is asked of it. */
export type MlflowRun = {
  info: { run_id: string; artifact_uri: string; lifecycle_stage: string }
  data: { metrics?: { key: string; step?: number | string }[]; tags?: { key: string; value: string }[] }
}
export type MlflowMetric = { key: string; value: number | string; timestamp: number; step: number }
export type MlflowText = { key: string; value: string }

/** `status`: of the answer; null if none came. `code`: MLflow's own, where it gave one. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError'
  readonly status: number | null
  readonly code: string | null

  constructor(message: string, status: number | null, code: string | null = null) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** How long a call may take, and the storing of a file. */
const callMs = 15_000
const uploadMs = 300_000
/** Bytes of an answer that are read, and characters of a complaint that are told. */
const maxAnswerBytes = 8 * 2 ** 20
const maxComplaint = 300

export const createMlflowClient = ({ uri, experiment, ...credentials }: MlflowSettings) => {
  const authorization = authorizationOf(credentials)

  const send = async (path: string, init: RequestInit & { duplex?: 'half' }, signal: AbortSignal, timeoutMs: number): Promise<unknown> => {
    try {
      const response = await fetch(`${uri}/api/2.0/${path}`, {
        ...init,
        // Nobody else is shown the credentials.
        redirect: 'error',
        headers: { ...authorization, ...init.headers },
        signal: limitedSignal(signal, timeoutMs),
      })
      const text = await readWithin(response)
      if (!response.ok) throw refusal(response.status, text)
      return text ? JSON.parse(text) : {}
    } catch (error) {
      if (error instanceof MlflowError) throw error
      throw new MlflowError(`MLflow cannot be asked: ${reasonOf(error)}`, null)
    }
  }

  const call = (path: string, signal: AbortSignal, body?: object): Promise<unknown> =>
    send(
      `mlflow/${path}`,
      body ? { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {},
      signal,
      callMs,
    )

  /** The id of the experiment, which is made if there is none. */
  const experimentId = async (signal: AbortSignal): Promise<string> => {
    const find = async () => {
      const found = (await call(`experiments/get-by-name?${new URLSearchParams({ experiment_name: experiment })}`, signal)) as {
        experiment: { experiment_id: string }
      }
      return found.experiment.experiment_id
    }
    try {
      return await find()
    } catch (error) {
      if (!isMissing(error)) throw error
    }
    try {
      return ((await call('experiments/create', signal, { name: experiment })) as { experiment_id: string }).experiment_id
    } catch (error) {
      if (error instanceof MlflowError && error.code === 'RESOURCE_ALREADY_EXISTS') return find()
      throw error
    }
  }

  /** The run with a tag, if there is one; the value holds no quotes. */
  const findRun = async (experimentId: string, { key, value }: MlflowText, signal: AbortSignal): Promise<MlflowRun | undefined> => {
    const filter = `tags.\`${key}\` = '${value}'`
    const { runs = [] } = (await call('runs/search', signal, { experiment_ids: [experimentId], filter, max_results: 1 })) as {
      runs?: MlflowRun[]
    }
    return runs[0]
  }

  const createRun = async (
    experimentId: string,
    { name, startedAt, tags }: { name: string; startedAt: Date; tags: MlflowText[] },
    signal: AbortSignal,
  ): Promise<MlflowRun> => {
    const body = { experiment_id: experimentId, run_name: name, start_time: startedAt.getTime(), tags }
    return ((await call('runs/create', signal, body)) as { run: MlflowRun }).run
  }

  /** A run; undefined if it was deleted there. */
  const getRun = async (runId: string, signal: AbortSignal): Promise<MlflowRun | undefined> => {
    try {
      const { run } = (await call(`runs/get?${new URLSearchParams({ run_id: runId })}`, signal)) as { run: MlflowRun }
      return run.info.lifecycle_stage === 'deleted' ? undefined : run
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** At most 1,000 metrics, 100 parameters and 100 tags. */
  const logBatch = async (
    runId: string,
    parts: { metrics?: MlflowMetric[]; params?: MlflowText[]; tags?: MlflowText[] },
    signal: AbortSignal,
  ): Promise<void> => {
    await call('runs/log-batch', signal, { run_id: runId, ...parts })
  }

  const endRun = async (runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', at: Date, signal: AbortSignal): Promise<void> => {
    await call('runs/update', signal, { run_id: runId, status, end_time: at.getTime() })
  }

  /** Has a folder of artifacts shown as a model. */
  const logModel = async (runId: string, model: object, signal: AbortSignal): Promise<void> => {
    await call('runs/log-model', signal, { run_id: runId, model_json: JSON.stringify(model) })
  }

  /** Stores a file where the server passes artifacts on; `path` from the root of all artifacts. */
  const upload = async (path: string, chunks: AsyncIterable<string | Uint8Array>, signal: AbortSignal): Promise<void> => {
    const body = ReadableStream.from(inBytes(chunks)) as ReadableStream
    const escaped = path.split('/').map(encodeURIComponent).join('/')
    await send(`mlflow-artifacts/artifacts/${escaped}`, { method: 'PUT', body, duplex: 'half' }, signal, uploadMs)
  }

  return { experimentId, findRun, createRun, getRun, logBatch, endRun, logModel, upload }
}

export type MlflowClient = ReturnType<typeof createMlflowClient>

const authorizationOf = ({ username, password, token }: Omit<MlflowSettings, 'uri' | 'experiment'>): Record<string, string> => {
  if (token) return { authorization: `Bearer ${token}` }
  if (!username) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}

const readWithin = async ({ body }: Response): Promise<string> => {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

const refusal = (status: number, text: string): MlflowError => {
  let code: string | null = null
  let message = text
  try {
    const told = JSON.parse(text)
    if (typeof told.error_code === 'string') code = told.error_code
    if (typeof told.message === 'string') message = told.message
  } catch {
    // A page of some proxy.
  }
  return new MlflowError(`MLflow answered ${status}: ${message.slice(0, maxComplaint)}`, status, code)
}

const isMissing = (error: unknown): boolean => error instanceof MlflowError && error.code === 'RESOURCE_DOES_NOT_EXIST'

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message : message
}

async function* inBytes(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
