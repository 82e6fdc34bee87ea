import { squaredLosses } from '../../../contracts/catalog/solvers.ts'
import type { JobConfig } from '../../../contracts/job-config.ts'
import type { LayerPlan } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** Why a closed form does not exist: it needs one linear dense layer under a squared loss, and enough rows. */
export const solverFaults = (config: JobConfig, layers: readonly LayerPlan[], trainingRows: number): Fault[] => {
  const { solver, loss, optimizer } = config
  if (!solver) return []
  const faults: Fault[] = []
  const [layer] = layers
  const dense = layer?.config.type === 'dense' ? layer.config : undefined
  const activation = typeof dense?.activation === 'object' ? dense.activation.type : dense?.activation
  if (layers.length !== 1 || !dense || activation !== 'linear' || layer?.inputShape.length !== 1)
    faults.push({
      path: '/solver/type',
      code: 'range',
      message: 'leastSquares needs a model of one dense layer with the linear activation on one flat axis',
    })
  if (!squaredLosses.some((type) => type === loss.type))
    faults.push({
      path: '/solver/type',
      code: 'range',
      message: `leastSquares minimizes ${squaredLosses.join(' or ')}; the loss is ${loss.type}`,
    })
  const unknowns = (layer?.inputShape[0] ?? 0) + (dense?.bias ? 1 : 0)
  if (faults.length === 0 && trainingRows < unknowns && (solver.weightDecay ?? optimizer.weightDecay) === 0)
    faults.push({
      path: '/solver/type',
      code: 'range',
      message: `${unknowns} weights per output need at least as many training rows; there are ${trainingRows}`,
    })
  return faults
}
