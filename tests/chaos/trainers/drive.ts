/** One client with one trainer: a request after the other, each sent again until it has its answer. */
import type { Client } from '../client.ts'
import { type Answer, type TrainerKind, trainerKinds } from './kinds.ts'

/** `answers`: what each request was told, as text; `answeredAt`: when, in ms of Date.now(). */
export type Driven = {
  kind: string
  variant: number
  id: string
  answers: string[]
  answeredAt: number[]
  version: number
}

/** Seconds that the service may hold an answer back. */
const waitSeconds = 10

export const createDriver = (client: Client) => {
  const trainers = new Set<string>()
  const datasets = new Set<string>()

  const open = async (kind: string, variant: number, key: string): Promise<Driven> => {
    const body = { ...kindOf(kind).config(variant), metadata: { chaos: key } }
    const headers = { 'idempotency-key': key }
    const { id, dataset } = await client.expect<{ id: string; dataset: { id: string } | null }>(201, 'POST', '/v1/trainers', {
      body,
      headers,
    })
    trainers.add(id)
    if (dataset) datasets.add(dataset.id)
    return { kind, variant, id, answers: [], answeredAt: [], version: 0 }
  }

  /** Sends a request until it has its answer. @throws where it is refused */
  const ask = async (id: string, seq: number, operations: object[]): Promise<string> => {
    const path = `/v1/trainers/${id}/operations?wait=${waitSeconds}`
    for (;;) {
      const { status, body } = await client.request<Answer>('POST', path, { body: { seq, operations } })
      if (status === 200) return JSON.stringify(body)
      if (status !== 202) throw new Error(`request ${seq} of ${id}: ${status} ${JSON.stringify(body).slice(0, 500)}`)
    }
  }

  /** The next request of a trainer, and its answer. */
  const next = async (driven: Driven): Promise<void> => {
    const { kind, id, answers } = driven
    const text = await ask(id, answers.length + 1, operationsOf(driven, answers.length + 1))
    driven.answeredAt.push(Date.now())
    driven.version = (JSON.parse(text) as Answer).version
    answers.push(text)
    const { updates } = kindOf(kind)
    if (updates !== undefined && driven.version !== updates * answers.length)
      throw new Error(`after ${answers.length} requests of ${updates} steps ${id} is at version ${driven.version}`)
  }

  /** The operations that a request had. */
  const operationsOf = ({ kind, answers }: Driven, seq: number): object[] => {
    const before = answers[seq - 2]
    return kindOf(kind).operations(seq, before === undefined ? undefined : (JSON.parse(before) as Answer))
  }

  const parameters = async (id: string): Promise<string> => {
    const { version, parameters: told } = await client.get<{ version: number; parameters: object[] }>(`/v1/trainers/${id}/parameters`)
    return JSON.stringify({ version, parameters: told })
  }

  return { open, ask, next, operationsOf, parameters, trainers, datasets }
}

export type Driver = ReturnType<typeof createDriver>

const kindOf = (name: string): TrainerKind => {
  const kind = trainerKinds[name]
  if (!kind) throw new Error(`there is no kind of trainer ${name}`)
  return kind
}
