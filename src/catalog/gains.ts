/** Factors by which Xavier's and Kaiming's initializers make up for what follows a layer. */

/** Everything that has a gain. */
export const nonlinearities = ['linear', 'conv1d', 'conv2d', 'conv3d', 'sigmoid', 'tanh', 'relu', 'leakyRelu', 'selu'] as const
export type Nonlinearity = (typeof nonlinearities)[number]

/** torch.nn.init.calculate_gain; `slope` is leakyRelu's below zero. */
export const gainOf = (nonlinearity: Nonlinearity, slope = 0.01): number =>
  nonlinearity === 'leakyRelu' ? Math.sqrt(2 / (1 + slope * slope)) : fixedGains[nonlinearity]

const fixedGains: Record<Exclude<Nonlinearity, 'leakyRelu'>, number> = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  conv3d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 3 / 4,
}

/** The table of gains as the catalog shows it. */
export const gains = Object.fromEntries(nonlinearities.map((name) => [name, gainOf(name)])) as Record<Nonlinearity, number>
