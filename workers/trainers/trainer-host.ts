/**
 * Has trainers open in children, and does what the rows say: one request of a trainer after the other, many trainers at a time. A
 * request is a row before it is done, and its answer is one before it is told; what a death takes is done again from the kept state.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { channels } from '../../src/contracts/queue.ts'
import type { TrainerHostRepository, TrainerWork } from '../../src/features/trainers/trainer-host.repository.ts'
import type { Notifications } from '../../src/platform/db/notifications.ts'
import type { Log } from '../../src/platform/log.ts'
import { ChildGone } from '../rpc/child-host.ts'
import type { EvaluationParts } from './evaluated-datasets.ts'
import { createFailures, isForMemory } from './failures.ts'
import { createHeldTrainers } from './held-trainers.ts'
import { createOneAtATime } from './one-at-a-time.ts'
import type { OpeningParts } from './open-trainer.ts'
import type { TrainerChildren } from './trainer-children.ts'

/** How often the process says that it is alive, and looks for what no wake-up told of. */
const tickMs = 1000
/** How long requests may go on when the process closes; what they did not finish is done again elsewhere. */
const closeMs = 2000
/** Trainers that one look finds. */
const foundAtOnce = 500

export type TrainerHostOptions = Omit<OpeningParts, 'trainers'> &
  EvaluationParts & {
    trainers: TrainerHostRepository
    children: TrainerChildren
    notifications: Pick<Notifications, 'on'>
    log: Log
  }

export const startTrainerHost = ({ trainers, children, notifications, log, ...parts }: TrainerHostOptions) => {
  const held = createHeldTrainers({ ...parts, trainers, children })
  const failures = createFailures()
  let isAlive = false
  let isClosing = false

  const beat = async (): Promise<void> => {
    await trainers.beat()
    isAlive = true
  }

  /** Begins work on a trainer; what fails lets go of it, and is tried again with the next look. */
  const begin = (id: string, work: () => Promise<void>, again: boolean): void => {
    const guarded = (): Promise<void> =>
      work().catch((error: unknown) => {
        held.letGo(id)
        log.error({ err: error, trainerId: id }, 'a trainer could not go on')
      })
    if (!isClosing) working.begin(id, guarded, { again })
  }
  /** Does what a trainer has to do; told of it meanwhile, it looks again. */
  const wake = (id: string): void => begin(id, () => serve(id), true)
  const working = createOneAtATime(wake)

  /** Does what a trainer has to do; gives false if it is to be tried again at once, opened anew. */
  const serveOnce = async (id: string): Promise<boolean> => {
    if (!isAlive) await beat()
    let work: TrainerWork | null = null
    try {
      work = await held.look(id)
      // What comes next has a wake-up of its own.
      if (work?.seq) await held.perform(id, work.seq, work.request ?? '[]')
      failures.forget(id)
      return true
    } catch (error) {
      return retried(id, error, work === null)
    }
  }

  /**
   * Lets go of a trainer that failed; gives false if it is to be tried again at once. What fails while the database is away is
   * nobody's failure: nothing is counted then, since counting asks the database. @throws what says that it is away
   */
  const retried = async (id: string, error: unknown, isOpening: boolean): Promise<boolean> => {
    if (isForMemory(error)) await children.kill(id)
    held.letGo(id)
    if (isClosing) throw error
    // A child that is ended for the sake of another trainer is nobody's failure.
    if (error instanceof ChildGone && error.wasKilled) return false
    return giveUp(id, error, isOpening)
  }

  const serve = async (id: string): Promise<void> => {
    while (!isClosing && !(await serveOnce(id)));
  }

  /** Says what is wrong to whoever waits, once it failed often enough; gives false if it is to be tried again at once. */
  const giveUp = async (id: string, error: unknown, isOpening: boolean): Promise<boolean> => {
    const work = await trainers.work(id)
    // Closed meanwhile, or another process has it.
    if (!work) return true
    const givenUp = failures.failed(id, error, { seq: work.seq, isOpening })
    log.error({ err: error, trainerId: id, seq: work.seq, isGivenUp: givenUp !== null }, 'a trainer could not go on')
    // What may pass is tried again with the next look.
    if (!givenUp) return !(error instanceof ChildGone || isForMemory(error))
    if (isOpening) await trainers.fail(id, givenUp.error)
    if (work.seq) await trainers.refuse(id, work.seq, givenUp.problem)
    return true
  }

  const tick = async (): Promise<void> => {
    if (held.count() + working.count() > 0) await beat()
    else isAlive = false
    const now = performance.now()
    for (const [id, { usedAt, idleMs, runningSince }] of held.entries()) {
      if (runningSince === null && now - usedAt > idleMs && !working.isBusy(id)) begin(id, () => held.park(id), false)
      // Nobody waits for the answer of a trainer that was closed meanwhile.
      if (runningSince !== null && now - runningSince > tickMs && !(await trainers.work(id))) held.letGo(id)
    }
    children.endIdle()
    for (const id of await trainers.waiting(foundAtOnce)) wake(id)
  }

  let ticking: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const tickSoon = (): void => {
    timer = setTimeout(() => {
      ticking = tick()
        .catch((error: unknown) => log.warn({ err: error }, 'trainers could not be looked after'))
        .then(() => {
          if (!isClosing) tickSoon()
        })
    }, tickMs)
  }
  tickSoon()
  const unlisten = notifications.on(channels.trainerWork, (id) => {
    if (id !== null) wake(id)
    else for (const [one] of held.entries()) wake(one)
  })

  /** Parks everything, so that others can go on with it at once. */
  const close = async (): Promise<void> => {
    isClosing = true
    unlisten()
    clearTimeout(timer)
    await ticking
    await Promise.race([working.ended(), sleep(closeMs, undefined, { ref: false })])
    const idle = held.entries().filter(([id]) => !working.isBusy(id))
    await Promise.all(idle.map(([id]) => held.park(id).catch(() => {})))
    await trainers.leave().catch(() => {})
    await children.close()
  }

  return { close }
}
