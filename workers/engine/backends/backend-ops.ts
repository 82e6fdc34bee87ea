import type { LayerOps } from '../../../src/catalog/layers/layer-ops.ts'
import { createLayerOps } from '../ops/layer-ops.ts'
import { createTensorOps } from '../ops/ops.ts'
import type { LoadedBackend } from './load-backend.ts'
import { findOneDnnMaxPool } from './native/max-pool.ts'
import { withNativeKernels, withNativeLayerKernels } from './native/native-ops.ts'

/** The operations of layers, losses and optimizers on a loaded backend, native kernels if it has them. */
export const createBackendOps = ({ tf, name, native }: LoadedBackend): LayerOps => {
  const ops = createTensorOps(tf)
  if (native) {
    const layerOps = createLayerOps(tf, withNativeKernels(ops, native), 'tensorflow', findOneDnnMaxPool(native))
    return withNativeLayerKernels(layerOps, native)
  }
  return createLayerOps(tf, ops, name === 'cpu' ? 'cpu' : 'wasm')
}
