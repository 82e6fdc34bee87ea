/** Every engine over every backend that loads here: one training contract for all. */
import { before, describe } from 'node:test'
import type { Engine } from '../../src/contracts/engine.ts'
import { type LoadedBackend, loadBackend } from '../../workers/engine/backends/load-backend.ts'
import { complete } from '../../workers/engine/create-engine.ts'
import { createEagerEngine } from '../../workers/engine/eager/engine.ts'
import { createGraphEngine } from '../../workers/engine/graph/engine.ts'
import { loadingBackends } from './engine-backends.ts'

const eager = (loaded: LoadedBackend): Engine => createEagerEngine(loaded)

/** Compiles however few steps a job has. */
const graph = (loaded: LoadedBackend): Engine => {
  if (!loaded.native) throw new Error('graphs need native TensorFlow')
  return createGraphEngine({ loaded, native: loaded.native, eager: createEagerEngine(loaded) }, { compiledFrom: 0 })
}

/** One `describe` per backend and engine; what the suite is given may be called within tests. */
export const onEveryEngine = async (suite: (engine: () => Engine, loaded: () => LoadedBackend) => void): Promise<void> => {
  for (const name of await loadingBackends()) {
    for (const [kind, create] of Object.entries(name === 'tensorflow' ? { eager, graph } : { eager })) {
      describe(`${kind} on ${name}`, () => {
        let made: { loaded: LoadedBackend; engine: Engine } | undefined
        before(async () => {
          const loaded = await loadBackend(name)
          made = { loaded, engine: complete(loaded, create(loaded)) }
        })
        const ready = () => {
          if (!made) throw new Error('the engine is made before the first test')
          return made
        }
        suite(
          () => ready().engine,
          () => ready().loaded,
        )
      })
    }
  }
}
