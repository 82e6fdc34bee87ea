import type { Tensor, TensorOps } from '../ops.ts'

/** How a window slides over the spatial axes, one entry per axis. */
export type WindowGeometry = {
  window: number[]
  strides: number[]
  /** Cells added before and after each axis. */
  padding: [number, number][]
  dilation: number[]
}

/**
 * What layers need beyond the catalog's common operations. Images are channels-last: `[n, ...spatial, channels]` with
 * one, two or three spatial axes.
 */
export type LayerOps = TensorOps & {
  /** Cross-correlation with a kernel `[...window, in, out]`; padding is zeros. */
  convolve: (images: Tensor, kernel: Tensor, geometry: WindowGeometry) => Tensor
  /** Largest value of each window; padding never wins. The first of equal values gets the gradient. */
  maxPool: (images: Tensor, geometry: WindowGeometry) => Tensor
  /** Mean of each window, padding counted as zeros. */
  averagePool: (images: Tensor, geometry: WindowGeometry) => Tensor
  /** Rows of a table `[rows, units]` by index: `[...]` → `[..., units]`. No gradient flows to the indices. */
  lookUp: (table: Tensor, indices: Tensor) => Tensor
}
