import type { StoredColumn } from '../../../api/dataset.schema.ts'
import type { JobConfig } from '../../../api/job-config.schema.ts'
import { layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { penaltyOf, squaredLosses } from '../../../catalog/solvers.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { ColumnTransform, LayerPlan } from '../../../contracts/plan.ts'

/** Columns of the matrix that is factored: the work grows with their square, and blocks of rows must fit into memory. */
const maxColumns = 2048

/** What planning knows of the rows that are solved for. */
type SolvedRows = { trainingRows: number; features: readonly StoredColumn[]; transforms?: readonly ColumnTransform[] }

const error = (message: string, code = 'range'): ValidationError => ({ path: '/solver/type', code, message })

/** Why a closed form does not exist: it needs one linear dense layer under a squared loss, and independent features. */
export const solverErrors = (config: JobConfig, layers: readonly LayerPlan[], rows: SolvedRows): ValidationError[] => {
  const { loss, solver } = config
  if (!solver) return []
  const [layer] = layers
  const map = layer && layerDefinition(layer.config).linearMap?.(layer.config)
  const errors: ValidationError[] = []
  if (layers.length !== 1 || !map?.isAffine || layer?.inputShape.length !== 1)
    errors.push(error(`${solver.type} needs a model of one dense layer with the linear activation on one flat axis`))
  if (!squaredLosses.some((type) => type === loss.type))
    errors.push(error(`${solver.type} minimizes ${squaredLosses.join(' or ')}; the loss is ${loss.type}`))
  if ((config.regularization?.l1 ?? 0) > 0)
    errors.push({ path: '/regularization/l1', code: 'range', message: 'must be 0 with a solver: an L1 penalty has no closed form' })
  const unknowns = (layer?.inputShape[0] ?? 0) + (map?.bias ? 1 : 0)
  const columns = unknowns + (map?.units ?? 0)
  if (columns > maxColumns)
    errors.push(error(`${columns} features and outputs are more than the ${maxColumns} that can be solved for`, 'too_large'))
  if (errors.length > 0 || !map || penaltyOf(config) > 0) return errors
  return dependenceErrors(unknowns, map.bias, rows)
}

/** Features that are known to depend on each other before a row was read; a weight decay would decide between the solutions. */
const dependenceErrors = (unknowns: number, bias: boolean, { trainingRows, features, transforms }: SolvedRows): ValidationError[] => {
  if (trainingRows < unknowns)
    return [
      error(
        `${unknowns} weights per output need at least as many training rows; there are ${trainingRows}: give a weightDecay, or fewer features`,
      ),
    ]
  // The inputs of one category each add up to 1 in every row, as the bias's do.
  const categories = (transforms ?? []).filter(({ kind }) => kind === 'oneHot').length
  if (categories + (bias ? 1 : 0) > 1)
    return [
      error(
        `one-hot features add up to 1 in every row, as ${categories > 1 ? 'others do' : 'the bias does'}: give a weightDecay, or leave the bias out`,
      ),
    ]
  return features.flatMap(({ name, min, max }, at): ValidationError[] => {
    const kind = transforms?.[at]?.kind ?? 'keep'
    const isConstant = min !== undefined && min === max && kind !== 'oneHot' && (bias || min === 0 || kind === 'standardize')
    return isConstant ? [{ ...error(`column "${name}" holds nothing but ${min}, so that no single weight is best`), column: name }] : []
  })
}
