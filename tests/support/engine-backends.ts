/** Runs a suite on every backend of TensorFlow.js that loads here: each becomes the active one before its tests. */
import { before, describe } from 'node:test'
import { type BackendName, probeBackends } from '../../workers/engine/backends/backends.ts'
import { type LoadedBackend, loadBackend } from '../../workers/engine/backends/load-backend.ts'

const names: BackendName[] = ['cpu', 'wasm', 'tensorflow']

/** Backends that load on this machine; plain JavaScript and WebAssembly always do. */
export const loadingBackends = async (): Promise<BackendName[]> => {
  const reports = await Promise.all(names.map((name) => probeBackends(name)))
  return reports.flat().flatMap((report) => (report.ok ? [report.name] : []))
}

/** One `describe` per backend; `loaded` may be called within tests. */
export const onEveryBackend = async (suite: (loaded: () => LoadedBackend, name: BackendName) => void): Promise<void> => {
  for (const name of await loadingBackends()) {
    describe(`on ${name}`, () => {
      let backend: LoadedBackend | undefined
      before(async () => {
        backend = await loadBackend(name)
      })
      suite(() => {
        if (!backend) throw new Error('the backend is loaded before the first test')
        return backend
      }, name)
    })
  }
}
