/** What both of Kaiming He's initializers share. */
import { Type } from 'typebox'
import { gainOf, nonlinearities } from '../gains.ts'
import { finite, type WeightPlan } from '../initializer.ts'

export const kaimingOptions = {
  mode: Type.Union([Type.Literal('fanIn'), Type.Literal('fanOut')], {
    default: 'fanIn',
    description: 'Which count is kept in scale: fanIn the variance of activations, fanOut that of gradients.',
  }),
  nonlinearity: Type.Union(
    nonlinearities.map((name) => Type.Literal(name)),
    { default: 'leakyRelu', description: 'What follows the layer: its gain is the factor.' },
  ),
  slope: finite(0, 'Slope below zero; only leakyRelu looks at it.'),
}

type KaimingOptions = { mode: 'fanIn' | 'fanOut'; nonlinearity: (typeof nonlinearities)[number]; slope: number }

/** gain / √fan */
export const kaimingStd = (weight: WeightPlan, { mode, nonlinearity, slope }: KaimingOptions): number =>
  gainOf(nonlinearity, slope) / Math.sqrt(weight[mode])
