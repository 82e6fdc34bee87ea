/** Shapes of row-major tensors: the sizes of their axes. */

/** How many values a tensor of this shape holds; 1 of a scalar, whose shape is empty. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** As in `[28, 28, 1]`. */
export const describeShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`
