import type { Engine } from '../../../src/contracts/engine.ts'
import { createBackendOps } from '../backends/backend-ops.ts'
import type { LoadedBackend } from '../backends/load-backend.ts'
import { openEagerRun } from './eager-run.ts'

/** Executes jobs on a loaded backend operation by operation: every plan runs on it. */
export const createEagerEngine = (loaded: LoadedBackend): Engine => {
  const { tf, name, device, version } = loaded
  const ops = createBackendOps(loaded)
  return {
    describe: () => ({ name: 'eager', backend: name, device, version }),
    open: async (plan, data, state) => openEagerRun(tf, ops, plan, data, state),
  }
}
