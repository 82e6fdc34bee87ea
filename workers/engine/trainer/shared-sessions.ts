/** Compiled graphs that trainers of one shape take from one another, as long as that costs less than one more of them would. */
import type { Plan } from '../../../src/contracts/plan.ts'
import { sizeOf } from '../../../src/numerics/shape.ts'
import type { Cached } from '../graph/cache.ts'
import type { ComputationSize } from '../graph/computation.ts'
import type { Session } from '../graph/session.ts'
import { keyOf, type Sessions } from '../graph/sessions.ts'

/** How often graphs of a shape change hands before one more is compiled, which costs about as much. */
const handOvers = 64

/** Values of a trainer, its rows among them, up to which they change place in a fraction of what compiling takes. */
const maxMoved = 2 ** 20

/** `holders`: what makes each give its graph back, the one that has had it longest first. */
type Shape = { holders: Set<() => void>; handedOver: number }

export const createSharedSessions = (sessions: Sessions) => {
  const shapes = new Map<string, Shape>()

  /**
   * A session of the plan for its caller alone, until it is released. `giveBack` is called when another wants it: it must release it,
   * and keep elsewhere what the session holds.
   * @throws UntraceableError if the plan cannot be compiled
   */
  const take = (plan: Plan, size: ComputationSize, giveBack: () => void): Cached<Session> => {
    const key = keyOf(plan, size)
    const shape = shapes.get(key) ?? { holders: new Set(), handedOver: 0 }
    if (!sessions.isAtHand(plan, size) && valuesOf(plan) <= maxMoved) handOver(shape)
    const { value, release } = sessions.take(plan, size)
    shapes.set(key, shape)
    shape.holders.add(giveBack)
    return {
      value,
      release: () => {
        shape.holders.delete(giveBack)
        if (shape.holders.size === 0) shapes.delete(key)
        release()
      },
    }
  }

  return { take }
}
export type SharedSessions = ReturnType<typeof createSharedSessions>

/** Makes a holder give its graph back, unless it is time for one more. */
const handOver = (shape: Shape): void => {
  const [giveBack] = shape.holders
  const isWorthIt = giveBack !== undefined && shape.handedOver < handOvers
  shape.handedOver = isWorthIt ? shape.handedOver + 1 : 0
  if (isWorthIt) giveBack()
}

/** Of the rows and of the parameters, with up to two slots each. */
const valuesOf = ({ trainingRows, data, parameters }: Plan): number => {
  const perRow = data.featureColumns.length * sizeOf(data.inputShape) + sizeOf(data.labelShape)
  return trainingRows * perRow + 3 * parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}
