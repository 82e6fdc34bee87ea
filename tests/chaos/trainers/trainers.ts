/** Many trainers at once, each driven by a client that does not give up, until told that it is enough. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../client.ts'
import { createDriver, type Driven, type Driver } from './drive.ts'
import { judgeTrainers } from './judge.ts'
import { trainerKinds } from './kinds.ts'

export type TrainersOptions = {
  client: Client
  trainers: number
  /** Configs of each kind. */
  variants: number
  signal: AbortSignal
}

/** What each does at least. */
const leastRequests = 20

export const startTrainers = async ({ client, trainers, variants, signal }: TrainersOptions) => {
  const driver = createDriver(client)
  const names = Object.keys(trainerKinds)
  const troubles: string[] = []
  const all = await Promise.all(
    Array.from({ length: trainers }, (_, at) =>
      driver.open(names[at % names.length] ?? '', Math.floor(at / names.length) % variants, `trainer-${at}`),
    ),
  )
  let enough = false
  const driving = Promise.all(all.map((one) => drive(driver, one, () => enough && one.answers.length >= leastRequests, troubles, signal)))

  /** When each trainer had its first answer after `since`, in ms of Date.now(). */
  const nextAnswers = (since: number): (number | undefined)[] => all.map(({ answeredAt }) => answeredAt.find((at) => at > since))

  /** No more requests than are needed; what was wrong, after so long at most. */
  const finish = async (withinMs: number): Promise<string[]> => {
    enough = true
    const limit = new AbortController()
    const late = sleep(withinMs, true, { signal: limit.signal }).catch(() => false)
    if ((await Promise.race([driving, late])) === true)
      troubles.push(`${withinMs / 1000} s after the last fault trainers still had no answer`)
    limit.abort()
    signal.throwIfAborted()
    return troubles.length > 0 ? troubles : judgeTrainers(driver, client, all)
  }

  return {
    count: trainers,
    datasets: driver.datasets,
    nextAnswers,
    /** Whether any had an answer after a time; true if there are none. */
    wentOn: (since: number): boolean => all.length === 0 || nextAnswers(since).some((at) => at !== undefined),
    finish,
    isDone: (): boolean => all.every(({ answers }) => answers.length >= leastRequests),
    /** Requests that were answered so far. */
    answered: (): number => all.reduce((sum, { answers }) => sum + answers.length, 0),
  }
}

export type Trainers = Awaited<ReturnType<typeof startTrainers>>

const drive = async (driver: Driver, one: Driven, isEnough: () => boolean, troubles: string[], signal: AbortSignal): Promise<void> => {
  try {
    while (!signal.aborted && !isEnough()) await driver.next(one)
  } catch (error) {
    troubles.push(`${one.kind}/${one.variant} ${one.id}: ${error instanceof Error ? error.message : error}`)
  }
}
