/** What a job left behind, as far as it follows from its config alone: the same to the bit however often it was interrupted. */
import { createHash } from 'node:crypto'
import type { Epoch, Gradient, JobEvent, Weights } from '../support/e2e/api.ts'
import type { Client } from './client.ts'

/** Weights of this many epochs, evenly spread, where all are kept. */
const weightSamples = 4

/** SHA-256 of losses, gradients and weights. */
export const fingerprint = async (client: Client, id: string, everyEpoch: boolean): Promise<string> => {
  const hash = createHash('sha256')
  const { data: epochs } = await client.get<{ data: Epoch[] }>(`/v1/jobs/${id}/epochs`)
  for (const { seconds: _, ...row } of epochs) hash.update(JSON.stringify(row))
  const { data: gradients } = await client.get<{ data: Gradient[] }>(`/v1/jobs/${id}/gradients`)
  hash.update(JSON.stringify(gradients))
  const wanted = everyEpoch ? Array.from({ length: weightSamples }, (_, at) => Math.ceil((epochs.length * (at + 1)) / weightSamples)) : []
  for (const query of ['', ...wanted.map((epoch) => `?epoch=${epoch}`)]) {
    const { parameters } = await client.get<Weights>(`/v1/jobs/${id}/weights${query}`)
    hash.update(JSON.stringify(parameters))
  }
  return hash.digest('hex')
}

const terminal = ['succeeded', 'failed', 'cancelled']

/** All events of a job, page after page. */
export const eventsOf = async (client: Client, id: string): Promise<JobEvent[]> => {
  const events: JobEvent[] = []
  for (;;) {
    const after = events.at(-1)?.seq ?? 0
    const { data } = await client.get<{ data: JobEvent[] }>(`/v1/jobs/${id}/events?after=${after}`)
    if (data.length === 0) return events
    events.push(...data)
  }
}

/** What is wrong with a job's history; empty where nothing is. */
export const faultsOfHistory = (events: readonly JobEvent[], epochs: readonly Pick<Epoch, 'epoch'>[]): string[] => {
  const faults: string[] = []
  events.forEach(({ seq }, index) => {
    if (seq !== index + 1) faults.push(`event ${index + 1} has number ${seq}`)
  })
  const ends = events.filter(({ type }) => terminal.includes(type))
  if (ends.length !== 1) faults.push(`it ended ${ends.length} times`)
  if (events.at(-1) !== ends.at(-1)) faults.push(`${events.at(-1)?.type} came after its end`)
  epochs.forEach(({ epoch }, index) => {
    if (epoch !== index + 1) faults.push(`row ${index + 1} is of epoch ${epoch}`)
  })
  const told = events.flatMap(({ type, data }) => (type === 'epoch' ? [Number(data.epoch)] : []))
  if (told.some((epoch, index) => epoch !== index + 1)) faults.push(`events told of epochs ${told}`)
  if (told.length !== epochs.length) faults.push(`${told.length} epochs were told of, ${epochs.length} are stored`)
  return faults
}

/** True while a worker had the job at that time. */
export const wasRunning = (events: readonly JobEvent[], at: number): boolean => {
  const states = events.filter(({ type, at: time }) => type !== 'epoch' && Date.parse(time) <= at)
  return ['started', 'resumed'].includes(states.at(-1)?.type ?? '')
}

/** When the job next got further, or ended, or a client took it away, after a time; undefined where never. */
export const nextProgress = (events: readonly JobEvent[], after: number): number | undefined => {
  const found = events.find(({ type, at }) => Date.parse(at) > after && ['epoch', 'paused', ...terminal].includes(type))
  return found && Date.parse(found.at)
}
