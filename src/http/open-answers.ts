/** How many answers that wait for something one tenant may hold open. */
import type { FastifyReply } from 'fastify'
import { Problem } from '../contracts/error-codes.ts'

/** Event streams that a tenant may hold open at one process, and as many requests that wait for a job. */
export const openPerTenant = 2000

/** Seconds after which one who was refused may ask again. */
const retrySeconds = 10

export type OpenAnswersOptions = {
  /** What they are, in the plural. */
  what: string
  max: number
  /** Told of each; what it gives is called at its end. */
  onOpen?: () => () => void
}

/** Counts the open answers of each tenant. */
export const createOpenAnswers = ({ what, max, onOpen = () => () => {} }: OpenAnswersOptions) => {
  const open = new Map<string, number>()

  const change = (tenant: string, by: number): void => {
    const count = (open.get(tenant) ?? 0) + by
    if (count > 0) open.set(tenant, count)
    else open.delete(tenant)
  }

  /** Holds one place until the answer is through, however it ends. @throws Problem RATE_LIMITED if none is left */
  const hold = (tenant: string, reply: FastifyReply): void => {
    if ((open.get(tenant) ?? 0) >= max) {
      reply.header('retry-after', String(retrySeconds))
      throw new Problem('RATE_LIMITED', `${max} ${what} are open already; close some of them`)
    }
    change(tenant, 1)
    const onClose = onOpen()
    reply.raw.once('close', () => {
      change(tenant, -1)
      onClose()
    })
  }

  return { hold }
}

export type OpenAnswers = ReturnType<typeof createOpenAnswers>
