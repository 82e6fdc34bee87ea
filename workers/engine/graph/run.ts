/** A job on a compiled graph: a chunk of steps is one call into TensorFlow. */
import type { EngineState, Run, TrainingData } from '../../../src/contracts/engine.ts'
import { toJsonNumber } from '../../../src/contracts/numbers.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { createBookkeeping } from '../bookkeeping.ts'
import { createCountedBatches } from '../counted.ts'
import { initialBuffers } from '../initial-tensors.ts'
import { ofValidation } from '../metric-names.ts'
import { recordGradients, recordWeights } from '../recorded.ts'
import type { ComputationSize } from './computation.ts'
import { createJobSession, gradientPrefix } from './job-session.ts'
import type { Session } from './session.ts'
import { createStepCalls } from './step-calls.ts'

type Job = { plan: Plan; data: TrainingData; state: EngineState | undefined; size: ComputationSize }

/**
 * Opens a run on a session.
 * @param open gives the session: compiling counts as training time
 */
export const openGraphRun = ({ plan, data, state, size }: Job, open: () => { session: Session; release: () => void }): Run => {
  const books = createBookkeeping(plan, state)
  const { session, release } = books.timed(open)
  const job = createJobSession(session, plan, size)
  const { train } = createStepCalls(session, plan, size, books)
  const { validation } = data
  const countedBatches = createCountedBatches(plan, data)
  job.loadTable('training', data)
  if (validation && validation.rows > 0) job.loadTable('validation', validation)
  job.loadState(state)

  const evaluate = () => {
    const [training, held, counted] = books.timed(() => [
      job.measure('training', data),
      validation && validation.rows > 0 ? job.measure('validation', validation) : undefined,
      countedBatches(books.position().epoch + 1),
    ])
    const row = books.closeEpoch({ training, validation: held, countedBatches: counted })
    return {
      ...row,
      gradientNorm: job.readNorm(),
      metrics: { ...training.metrics, ...(held && ofValidation(held.metrics)) },
      gradients: recordGradients(plan, job.readGradients),
      weights: recordWeights(plan, row.finished, () => job.readState([...plan.parameters, ...initialBuffers(plan)])),
    }
  }

  const exportState = (): EngineState => {
    const { epoch, step, epochEnded } = books.position()
    const gradients = epochEnded ? job.readGradients(gradientPrefix) : []
    const norm = epochEnded ? { gradientNorm: toJsonNumber(job.readNorm()) } : {}
    return { epoch, step, tensors: [...job.readState(), ...gradients], memo: { ...books.exportMemo(), ...norm } }
  }

  const close = (): void => {
    job.emptyTable('training', data)
    if (validation && validation.rows > 0) job.emptyTable('validation', validation)
    release()
  }

  return {
    run: async (steps) => {
      books.timed(() => train(steps))
      return books.position()
    },
    evaluate: async () => evaluate(),
    exportState: async () => exportState(),
    close: async () => close(),
    measures: true,
  }
}
