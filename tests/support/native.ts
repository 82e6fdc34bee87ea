/** Native TensorFlow for tests of what needs it: they are part of the suite where `npm run tensorflow:install` gave this machine one. */
import { describe } from 'node:test'
import { loadBackend } from '../../workers/engine/backends/load-backend.ts'
import type { NativeTensorFlow } from '../../workers/engine/backends/native/load.ts'
import { loadingBackends } from './engine-backends.ts'

/** A suite on native TensorFlow; where there is none it says so in its name and holds nothing. */
export const onNative = async (name: string, suite: (native: () => NativeTensorFlow) => void): Promise<void> => {
  if (!(await loadingBackends()).includes('tensorflow')) {
    describe(`${name} (no native TensorFlow here: npm run tensorflow:install)`)
    return
  }
  const { native } = await loadBackend('tensorflow')
  if (!native) throw new Error('the tensorflow backend is native')
  describe(name, () => suite(() => native))
}
