import { penaltyOf, squaredLosses } from '../../../contracts/catalog/solvers.ts'
import type { StoredColumn } from '../../../contracts/dataset.ts'
import type { JobConfig } from '../../../contracts/job-config.ts'
import type { ColumnTransform, LayerPlan } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** Columns of the matrix that is factored: the work grows with their square, and blocks of rows must fit into memory. */
const mostColumns = 2048

/** What planning knows of the rows that are solved for. */
type SolvedRows = { trainingRows: number; features: readonly StoredColumn[]; transforms?: readonly ColumnTransform[] }

const fault = (message: string, code = 'range'): Fault => ({ path: '/solver/type', code, message })

/** Why a closed form does not exist: it needs one linear dense layer under a squared loss, and independent features. */
export const solverFaults = (config: JobConfig, layers: readonly LayerPlan[], rows: SolvedRows): Fault[] => {
  if (!config.solver) return []
  const { loss } = config
  const [layer] = layers
  const dense = layer?.config.type === 'dense' ? layer.config : undefined
  const activation = typeof dense?.activation === 'object' ? dense.activation.type : dense?.activation
  const faults: Fault[] = []
  if (layers.length !== 1 || !dense || activation !== 'linear' || layer?.inputShape.length !== 1)
    faults.push(fault('leastSquares needs a model of one dense layer with the linear activation on one flat axis'))
  if (!squaredLosses.some((type) => type === loss.type))
    faults.push(fault(`leastSquares minimizes ${squaredLosses.join(' or ')}; the loss is ${loss.type}`))
  if ((config.regularization?.l1 ?? 0) > 0)
    faults.push({ path: '/regularization/l1', code: 'range', message: 'must be 0 with a solver: an L1 penalty has no closed form' })
  const unknowns = (layer?.inputShape[0] ?? 0) + (dense?.bias ? 1 : 0)
  const columns = unknowns + (dense?.units ?? 0)
  if (columns > mostColumns)
    faults.push(fault(`${columns} features and outputs are more than the ${mostColumns} that can be solved for`, 'too_large'))
  if (faults.length > 0 || !dense || penaltyOf(config) > 0) return faults
  return dependenceFaults(unknowns, dense.bias, rows)
}

/** Features that are known to depend on each other before a row was read; a weight decay would decide between the solutions. */
const dependenceFaults = (unknowns: number, bias: boolean, { trainingRows, features, transforms }: SolvedRows): Fault[] => {
  if (trainingRows < unknowns)
    return [
      fault(
        `${unknowns} weights per output need at least as many training rows; there are ${trainingRows}: give a weightDecay, or fewer features`,
      ),
    ]
  // The inputs of one category each add up to 1 in every row, as the bias's do.
  const categories = (transforms ?? []).filter(({ kind }) => kind === 'oneHot').length
  if (categories + (bias ? 1 : 0) > 1)
    return [
      fault(
        `one-hot features add up to 1 in every row, as ${categories > 1 ? 'others do' : 'the bias does'}: give a weightDecay, or leave the bias out`,
      ),
    ]
  return features.flatMap(({ name, min, max }, at): Fault[] => {
    const kind = transforms?.[at]?.kind ?? 'keep'
    const isConstant = min !== undefined && min === max && kind !== 'oneHot' && (bias || min === 0 || kind === 'standardize')
    return isConstant ? [{ ...fault(`column "${name}" holds nothing but ${min}, so that no single weight is best`), column: name }] : []
  })
}
