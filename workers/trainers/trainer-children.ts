/** The children that have trainers open: each is started once it is needed, and ended once it has had none for a while. */
import type { Child } from '../rpc/child-host.ts'
import type { TrainerMethods } from './protocol.ts'

type TrainerChild = Child<TrainerMethods>
type Slot = { child: TrainerChild | undefined; trainers: Set<string>; idleSince: number }

/** How long a child without trainers stays. */
const idleMs = 30_000

/** `start` starts the child of a slot. */
export const createTrainerChildren = (size: number, start: (slot: number) => TrainerChild) => {
  const slots = Array.from({ length: size }, (): Slot => ({ child: undefined, trainers: new Set(), idleSince: 0 }))

  /** The child that a trainer is in, or the one with the fewest, loaded. @throws ChildGone if it does not load */
  const of = async (id: string): Promise<TrainerChild> => {
    const number = slots.findIndex(({ trainers }) => trainers.has(id))
    const fewest = Math.min(...slots.map(({ trainers }) => trainers.size))
    const at = number >= 0 ? number : slots.findIndex(({ trainers }) => trainers.size === fewest)
    const slot = slots[at]
    if (!slot) throw new Error('there is no child for trainers')
    slot.trainers.add(id)
    if (!slot.child || slot.child.isGone()) slot.child = start(at)
    await slot.child.ready()
    return slot.child
  }

  const forget = (id: string): void => {
    for (const slot of slots) {
      if (!slot.trainers.delete(id) || slot.trainers.size > 0) continue
      slot.idleSince = performance.now()
    }
  }

  /** Ends the child that a trainer is in: what ran out of memory does not give it back. */
  const kill = async (id: string): Promise<void> => {
    await slots.find(({ trainers }) => trainers.has(id))?.child?.kill()
  }

  /** Ends children that nobody needed for a while. */
  const endIdle = (): void => {
    for (const slot of slots) {
      if (slot.trainers.size > 0 || !slot.child || performance.now() - slot.idleSince < idleMs) continue
      void slot.child.kill()
      slot.child = undefined
    }
  }

  const close = async (): Promise<void> => {
    await Promise.all(slots.map(({ child }) => child?.kill()))
  }

  return {
    of,
    forget,
    kill,
    endIdle,
    close,
    pids: (): number[] => slots.flatMap(({ child }) => (child?.pid && !child.isGone() ? [child.pid] : [])),
  }
}
export type TrainerChildren = ReturnType<typeof createTrainerChildren>
