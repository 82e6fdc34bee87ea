/** A job on a compiled graph: a chunk of steps is one call into TensorFlow. */

import { toJsonNumber } from '../../../src/api/numbers.ts'
import type { EngineState, Run, TrainingData } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { ofValidation } from '../metric-names.ts'
import { createCountedBatches } from '../step/counted.ts'
import { createEpochProgress } from '../step/epoch-progress.ts'
import { initialBuffers } from '../step/initial-tensors.ts'
import { recordGradients, recordWeights } from '../step/recorded.ts'
import type { ComputationSize } from './computation.ts'
import { createJobValues, gradientPrefix } from './job-values.ts'
import type { Session } from './session.ts'
import { createStepCalls } from './step-calls.ts'

type Job = { plan: Plan; data: TrainingData; state: EngineState | undefined; size: ComputationSize }

/**
 * Opens a run on a session.
 * @param open gives the session: compiling counts as training time
 */
export const openGraphRun = ({ plan, data, state, size }: Job, open: () => { session: Session; release: () => void }): Run => {
  const progress = createEpochProgress(plan, state)
  const { session, release } = progress.timed(open)
  const values = createJobValues(session, plan, size, data.labelUnits)
  const { train } = createStepCalls(session, plan, size, progress)
  const { validation } = data
  const countedBatches = createCountedBatches(plan, data)
  values.loadTable('training', data)
  if (validation && validation.rows > 0) values.loadTable('validation', validation)
  values.loadState(state)

  const evaluate = () => {
    const [training, held, counted] = progress.timed(() => [
      values.measure('training', data),
      validation && validation.rows > 0 ? values.measure('validation', validation) : undefined,
      countedBatches(progress.position().epoch + 1),
    ])
    const row = progress.closeEpoch({ training, validation: held, countedBatches: counted })
    return {
      ...row,
      gradientNorm: values.readNorm(),
      metrics: { ...training.metrics, ...(held && ofValidation(held.metrics)) },
      gradients: recordGradients(plan, values.readGradients),
      weights: recordWeights(plan, row, () => values.readState([...plan.parameters, ...initialBuffers(plan)])),
    }
  }

  const exportState = (): EngineState => {
    const { epoch, step, epochEnded } = progress.position()
    const gradients = epochEnded ? values.readGradients(gradientPrefix) : []
    const norm = epochEnded ? { gradientNorm: toJsonNumber(values.readNorm()) } : {}
    return { epoch, step, tensors: [...values.readState(), ...gradients], training: { ...progress.exportTraining(), ...norm } }
  }

  const close = (): void => {
    values.emptyTable('training', data)
    if (validation && validation.rows > 0) values.emptyTable('validation', validation)
    release()
  }

  return {
    run: async (steps) => {
      progress.timed(() => train(steps))
      return progress.position()
    },
    evaluate: async () => evaluate(),
    exportState: async () => exportState(),
    close: async () => close(),
    measures: true,
  }
}
