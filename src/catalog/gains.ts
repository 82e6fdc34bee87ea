/** Factors by which Xavier's and Kaiming's initializers make up for what follows a layer. */

/** Everything that has a gain. */
export const nonlinearities = ['linear', 'conv1d', 'conv2d', 'conv3d', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'] as const
export type Nonlinearity = (typeof nonlinearities)[number]

/** torch.nn.init.calculate_gain; `slope` is leakyRelu's below zero. */
export const gainOf = (nonlinearity: Nonlinearity, slope = 0.01): number => {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + slope * slope))
    case 'selu':
      return 3 / 4
    default:
      return 1
  }
}

/** The table of gains as the catalog shows it. */
export const gains = Object.fromEntries(nonlinearities.map((name) => [name, gainOf(name)])) as Record<Nonlinearity, number>
