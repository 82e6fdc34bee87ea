import type { Engine } from '../../../src/contracts/engine.ts'
import { createLayerOps } from '../layer-ops.ts'
import type { LoadedBackend } from '../load-backend.ts'
import { createTensorOps } from '../ops.ts'
import { openEagerRun } from './run.ts'

/** Executes jobs on a loaded backend operation by operation: every plan runs on it. */
export const createEagerEngine = ({ tf, name, device, version }: LoadedBackend): Engine => {
  const kernels = name === 'wasm' || name === 'cpu' ? name : 'tensorflow'
  const ops = createLayerOps(tf, createTensorOps(tf), kernels)
  return {
    describe: () => ({ name: 'eager', backend: name, device, version }),
    open: async (plan, data, state) => openEagerRun(tf, ops, plan, data, state),
  }
}
