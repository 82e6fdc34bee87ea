import type { ValidationError } from '../../contracts/error-codes.ts'
import type { Plan } from '../../contracts/plan.ts'

/** Why a model that a job trained does not fit the same rows as they are: the job prepared them, and a trainer does not. */
export const preparedOtherwise = ({ data }: Pick<Plan, 'data'>): ValidationError[] => {
  const transforms = data.transforms?.flat() ?? []
  const scales = new Set(transforms.flatMap(({ kind }) => (kind === 'keep' || kind === 'oneHot' ? [] : [kind])))
  const done = [
    ...scales,
    ...(transforms.some(({ fill }) => fill) ? ['missing'] : []),
    ...(data.standardizesLabels ? ['standardizeLabels'] : []),
  ]
  if (done.length === 0) return []
  const message = `was trained on these rows prepared (${done.join(', ')}), and a trainer takes them as they are: upload them prepared, or send them with \`inputShape\``
  return [{ path: '/from/jobId', code: 'conflict', message }]
}
