/** How good a job that has ended is: what it learned beside what is true, and what it predicts beside the labels. */
import type { Job } from '../../api/types.ts'
import { ConfusionMatrix } from './confusion-matrix.tsx'
import { LearnedWeights } from './learned-weights.tsx'
import { PredictedLabels } from './predicted-labels.tsx'

export const Outcome = ({ job }: { job: Job }) => {
  const { truth, confusionMatrix } = job.result ?? {}
  return (
    <div class="grid-2">
      {truth?.weights && <LearnedWeights id={job.id} weights={truth.weights} bias={truth.bias} />}
      {confusionMatrix ? <ConfusionMatrix matrix={confusionMatrix} /> : <PredictedLabels job={job} />}
    </div>
  )
}
