/** Trainers over HTTP, on a worker with its children. */
import assert from 'node:assert/strict'
import { composeApi } from '../../src/compose-api.ts'
import type { Worker } from '../../workers/start-worker.ts'
import { type Bench, notebook, openBench } from './worker.ts'

export type Json = Record<string, unknown>
export type Answer = {
  status: number
  body: Json & { errors?: { path: string; message: string }[]; results?: (Json & { type: string })[] }
}

/** A step of the training loop. */
export const step = (batch: object = { size: 10 }) => [
  { type: 'batch', ...batch },
  { type: 'zeroGradients' },
  { type: 'forwardBackward' },
  { type: 'step' },
]

/** What an answer has for one operation. */
export const resultOf = ({ results = [] }: Answer['body'], at: number): Json => results[at] ?? {}

export const openTrainerBench = async () => {
  const bench: Bench = await openBench()
  const worker: Worker = bench.work({ trainerSlots: 1 })
  const app = await composeApi({ infrastructure: bench, config: { apiKeys: [], bodyLimit: 2 ** 20 } })

  const send = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object): Promise<Answer> => {
    const { statusCode, body } = await app.inject({ method, url, payload })
    return { status: statusCode, body: body ? JSON.parse(body) : {} }
  }
  const { training: _, record: __, ...subject } = notebook()
  /** Opens a trainer of the notebook's model, or of other parts; gives its id. */
  const open = async (parts: object = {}): Promise<string> => {
    const { status, body } = await send('POST', '/v1/trainers', { ...subject, seed: 42, ...parts })
    assert.equal(status, 201, JSON.stringify(body))
    return String(body.id)
  }
  const ask = (id: string, seq: number, operations: object[], wait = 30): Promise<Answer> =>
    send('POST', `/v1/trainers/${id}/operations?wait=${wait}`, { seq, operations })
  /** Does what is to succeed. */
  const done = async (...asked: Parameters<typeof ask>): Promise<Answer['body']> => {
    const { status, body } = await ask(...asked)
    assert.equal(status, 200, JSON.stringify(body))
    return body
  }
  const parametersOf = async (id: string): Promise<unknown> => {
    const { status, body } = await send('GET', `/v1/trainers/${id}/parameters`)
    assert.equal(status, 200, JSON.stringify(body))
    return body.parameters
  }
  /** The weights that a job ends with. */
  const weightsOfJob = async (config: object): Promise<unknown> => {
    const id = await bench.submit(config)
    assert.equal((await bench.ended(id)).status, 'succeeded')
    return (await send('GET', `/v1/jobs/${id}/weights`)).body.parameters
  }
  const close = async (): Promise<void> => {
    await app.close()
    await bench.close()
  }
  return { bench, worker, send, open, ask, done, parametersOf, weightsOfJob, close }
}
