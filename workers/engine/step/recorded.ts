import type { NamedTensor, RecordedTensor } from '../../../src/contracts/engine.ts'
import { staysForGood } from '../../../src/contracts/kept-weights.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { normOf } from '../../../src/numerics/statistics.ts'

/** What is kept of an epoch's gradients; `read` is not called if nothing is. */
export const recordGradients = ({ config }: Plan, read: () => readonly NamedTensor[]): RecordedTensor[] =>
  config.record.gradients === 'none' ? [] : recorded(read(), config.record.gradients === 'full')

/** What is kept of an epoch's weights: those of the last epoch always. */
export const recordWeights = (
  { config }: Plan,
  { epoch, finished }: { epoch: number; finished: boolean },
  read: () => readonly NamedTensor[],
): RecordedTensor[] => (finished || staysForGood(config, epoch) ? recorded(read(), true) : [])

const recorded = (tensors: readonly NamedTensor[], withValues: boolean): RecordedTensor[] =>
  tensors.map(({ name, shape, values }) => ({ name, shape, values: withValues ? values : null, norm: normOf(values) }))
