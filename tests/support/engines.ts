/** Every engine over every backend that loads here: one training contract for all. */
import type { Engine } from '../../src/contracts/engine.ts'
import { createEagerEngine } from '../../workers/engine/eager/engine.ts'
import { withEarlyStopping } from '../../workers/engine/early-stopping.ts'
import type { LoadedBackend } from '../../workers/engine/load-backend.ts'
import { onEveryBackend } from './engine-backends.ts'

/** One `describe` per backend and engine; `engine` may be called within tests. */
export const onEveryEngine = (suite: (engine: () => Engine, loaded: () => LoadedBackend) => void): Promise<void> =>
  onEveryBackend((loaded) => {
    let engine: Engine | undefined
    suite(() => {
      engine ??= withEarlyStopping(createEagerEngine(loaded()))
      return engine
    }, loaded)
  })
