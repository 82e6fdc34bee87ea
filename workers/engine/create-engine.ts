import type { Engine } from '../../src/contracts/engine.ts'
import type { LoadedBackend } from './backends/load-backend.ts'
import { createEagerEngine } from './eager/engine.ts'
import { createGraphEngine } from './graph/engine.ts'
import { withPreprocessing } from './preprocessing/with-preprocessing.ts'
import { withSolver } from './solver.ts'
import { withBestWeights } from './wrappers/best-weights.ts'
import { withEarlyStopping } from './wrappers/early-stopping.ts'
import { withReportedUnits } from './wrappers/reported-units.ts'
import { withStopAtLoss } from './wrappers/stop-at-loss.ts'
import { withConfusion } from './wrappers/with-confusion.ts'
import { withMetrics } from './wrappers/with-metrics.ts'

/** The engine of a training process: the best way of executing jobs on its backend, and what every way has in common. */
export const createEngine = (loaded: LoadedBackend): Engine => {
  const eager = createEagerEngine(loaded)
  return complete(loaded, loaded.native ? createGraphEngine({ loaded, native: loaded.native, eager }) : eager)
}

/** An engine with preprocessing, metrics and ways to stop early, which are the same for all. */
export const complete = (loaded: LoadedBackend, engine: Engine): Engine =>
  withPreprocessing(
    withConfusion(loaded, withStopAtLoss(withEarlyStopping(withBestWeights(withReportedUnits(withMetrics(loaded, withSolver(engine))))))),
  )
