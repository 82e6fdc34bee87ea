/** Every engine over every backend that loads here: one training contract for all. */
import { describe } from 'node:test'
import type { Engine } from '../../src/contracts/engine.ts'
import { createEagerEngine } from '../../workers/engine/eager/engine.ts'
import { withEarlyStopping } from '../../workers/engine/early-stopping.ts'
import { createGraphEngine } from '../../workers/engine/graph/engine.ts'
import type { LoadedBackend } from '../../workers/engine/load-backend.ts'
import { onEveryBackend } from './engine-backends.ts'

/** One `describe` per backend and engine; `engine` may be called within tests. */
export const onEveryEngine = (suite: (engine: () => Engine, loaded: () => LoadedBackend) => void): Promise<void> =>
  onEveryBackend((loaded, name) => {
    const on = (create: (backend: LoadedBackend) => Engine): void => {
      let engine: Engine | undefined
      suite(() => {
        engine ??= withEarlyStopping(create(loaded()))
        return engine
      }, loaded)
    }
    describe('operation by operation', () => on(createEagerEngine))
    if (name === 'tensorflow') describe('compiled', () => on((backend) => createGraphEngine(backend, nativeOf(backend), 1)))
  })

const nativeOf = ({ native }: LoadedBackend) => {
  if (!native) throw new Error('this backend is not native')
  return native
}
