import type { EngineDescription } from '../../../src/contracts/engine.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { createSessions } from '../graph/sessions.ts'
import { createSharedSessions } from './shared-sessions.ts'
import { openTrainer, type Trainer } from './trainer.ts'

/** What opens the trainers of a process on its backend; `engine`: how they are to execute whole steps, the best way unless said. */
export const createTrainers = (loaded: LoadedBackend) => {
  const ops = createBackendOps(loaded)
  const sessions = loaded.native ? createSharedSessions(createSessions({ native: loaded.native, ops })) : undefined
  const { name: backend, device, version } = loaded

  const open = (opening: Parameters<typeof openTrainer>[1], engine?: 'eager' | 'graph'): Trainer =>
    // What is compiled are steps over rows of a dataset.
    openTrainer({ loaded, ops, sessions: engine === 'eager' || !opening.data ? undefined : sessions }, opening)

  /** What executes a trainer. */
  const describe = (trainer: Pick<Trainer, 'isCompiled'>): EngineDescription => ({
    name: trainer.isCompiled() ? 'graph' : 'eager',
    backend,
    device,
    version,
  })

  return { open, describe }
}
export type Trainers = ReturnType<typeof createTrainers>
