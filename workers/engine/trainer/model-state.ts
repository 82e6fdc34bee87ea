/**
 * The tensors of a trainer in up to three places: values in memory, tensors of the backend, variables of a compiled graph. Moving
 * them changes no bit; who changes them in one place lets go of the others.
 */

import type { Tensors } from '../../../src/catalog/ops.ts'
import type { EngineState, NamedTensor, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { ComputationSize } from '../graph/computation.ts'
import { createJobValues, gradientPrefix } from '../graph/job-values.ts'
import type { Session } from '../graph/session.ts'
import { computationSize, keyOf } from '../graph/sessions.ts'
import type { TrainingTensors } from '../step/step.ts'
import type { Tf } from '../step/tape.ts'
import { dispose, openTrainingTensors, readTensors, readTrainingTensors, toTensor } from '../step/training-tensors.ts'
import type { SharedSessions } from './shared-sessions.ts'

/** Tensors of the backend; gradients are those of all parameters, or none. */
export type TrainerTensors = TrainingTensors & { gradients: Tensors | undefined }

/** A compiled graph that holds the state. */
export type OpenSession = { session: Session; size: ComputationSize; values: ReturnType<typeof createJobValues> }

type Held = OpenSession & { key: string; release: () => void }

export const createModelState = (
  tf: Tf,
  plan: Plan,
  data: TrainingData,
  sessions: SharedSessions | undefined,
  start?: readonly NamedTensor[],
) => {
  let tensors: TrainerTensors | undefined = start ? undefined : { ...openTrainingTensors(tf, plan, undefined), gradients: undefined }
  let named: NamedTensor[] | undefined = start && [...start]
  let held: Held | undefined
  /** Whether the graph holds the newest state, with the gradients of its last step. */
  let isInSession = false

  const letGoOfTensors = (): void => {
    if (!tensors) return
    dispose(tf, tensors.parameters, ...Object.values(tensors.slots), tensors.buffers, tensors.gradients)
    tensors = undefined
  }

  /** Everything by the names of a checkpoint; gradients as `gradient/layers.0.weight`. */
  const values = (): NamedTensor[] => {
    if (!named && tensors)
      named = [...readTrainingTensors(tensors), ...(tensors.gradients ? readTensors(tensors.gradients, gradientPrefix) : [])]
    if (!named && held) named = [...held.values.readState(), ...held.values.readGradients(gradientPrefix)]
    return named ?? []
  }

  /** Tensors of the backend, to be read alone. */
  const onBackend = (): TrainerTensors => {
    if (tensors) return tensors
    const all = values()
    const gradients = all.filter(({ name }) => name.startsWith(gradientPrefix))
    const byName = gradients.map((tensor) => [tensor.name.slice(gradientPrefix.length), toTensor(tf, tensor)] as const)
    tensors = { ...openTrainingTensors(tf, plan, asState(all)), gradients: gradients.length > 0 ? Object.fromEntries(byName) : undefined }
    return tensors
  }

  /** Puts changed tensors in place of those of the backend; what is no longer used is disposed of. */
  const replace = (changes: Partial<TrainerTensors>): void => {
    const before = onBackend()
    const after = { ...before, ...changes }
    const kept = new Set(allOf(after))
    dispose(
      tf,
      allOf(before).filter((tensor) => !kept.has(tensor)),
    )
    tensors = after
    named = undefined
    isInSession = false
  }

  /** Puts named values in place of all. */
  const replaceAll = (all: readonly NamedTensor[]): void => {
    letGoOfTensors()
    named = [...all]
    isInSession = false
  }

  const letGoOfSession = (): void => {
    if (!held) return
    held.values.emptyTable('training', data)
    held.release()
    held = undefined
    isInSession = false
  }

  /** Keeps in memory what the graph alone holds, and lets go of it. */
  const moveOutOfSession = (): void => {
    named = values()
    letGoOfSession()
  }

  /** A compiled graph of this plan, which differs from the trainer's own by its mini-batches and its clipping, with the newest state. */
  const inSession = (stepPlan: Plan): OpenSession => {
    if (!sessions) throw new Error('there are no compiled graphs here')
    const size = computationSize(stepPlan)
    const key = keyOf(stepPlan, size)
    if (held?.key !== key) {
      moveOutOfSession()
      const { value: session, release } = sessions.take(stepPlan, size, moveOutOfSession)
      held = { key, release, session, size, values: createJobValues(session, stepPlan, size) }
      held.values.loadTable('training', data)
    }
    if (!isInSession) held.values.loadState(asState(values().filter(({ name }) => !name.startsWith(gradientPrefix))))
    isInSession = true
    return held
  }

  /** The graph has changed the state. */
  const stepped = (): void => {
    letGoOfTensors()
    named = undefined
  }

  const close = (): void => {
    letGoOfTensors()
    letGoOfSession()
  }

  return { values, onBackend, replace, replaceAll, inSession, stepped, close }
}
export type ModelState = ReturnType<typeof createModelState>

const asState = (tensors: NamedTensor[]): EngineState => ({ epoch: 0, step: 0, tensors, training: {} })

const allOf = ({ parameters, slots, buffers, gradients = {} }: TrainerTensors) =>
  [parameters, ...Object.values(slots), buffers, gradients].flatMap((tensors) => Object.values(tensors))
