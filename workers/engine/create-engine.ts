import type { Engine } from '../../src/contracts/engine.ts'
import { createEagerEngine } from './eager/engine.ts'
import { withEarlyStopping } from './early-stopping.ts'
import { createGraphEngine } from './graph/engine.ts'
import type { LoadedBackend } from './load-backend.ts'
import { withPreprocessing } from './preprocessing.ts'
import { withSolver } from './solver.ts'
import { withStopAtLoss } from './stop-at-loss.ts'
import { withMetrics } from './with-metrics.ts'

/** The engine of a training process: the best way of executing jobs on its backend, and what every way has in common. */
export const createEngine = (loaded: LoadedBackend): Engine =>
  complete(loaded, loaded.native ? createGraphEngine(loaded, loaded.native) : createEagerEngine(loaded))

/** An engine with preprocessing, metrics and ways to stop early, which are the same for all. */
export const complete = (loaded: LoadedBackend, engine: Engine): Engine =>
  withPreprocessing(withStopAtLoss(withEarlyStopping(withMetrics(loaded, withSolver(engine)))))
