/** What really made synthetic data, as far as numbers say it. */
import { type Static, Type } from 'typebox'

export const TruthSchema = Type.Object(
  {
    weights: list('`linear` and `logistic`: one weight per feature.'),
    bias: number('`linear` and `logistic`.'),
    coefficients: list('`polynomial`: the constant term first.'),
    amplitude: number('`sine`'),
    frequency: number('`sine`: angular, in radians per unit of x.'),
    phase: number('`sine`: in radians.'),
    offset: number('`sine`: mean of the wave.'),
    centers: Type.Optional(
      Type.Array(Type.Array(Type.Number()), { description: '`blobs`: the center of each class; `moons`: those of the half circles.' }),
    ),
    radius: number('`moons`: of both half circles.'),
    radii: list('`circles`: of the outer one, label 0, and the inner one.'),
    turns: number('`spirals`: how often an arm winds around the origin.'),
    relevantFeatures: list('`friedman1`: numbers, from 1, of the features that the labels depend on.'),
  },
  {
    $id: 'Truth',
    additionalProperties: false,
    description: 'What made synthetic data, to compare with what was learned; which of these there are depends on the kind.',
    examples: [{ weights: [2, -3.4], bias: 4.2 }],
  },
)
export type Truth = Static<typeof TruthSchema>

function number(description: string) {
  return Type.Optional(Type.Number({ description }))
}

function list(description: string) {
  return Type.Optional(Type.Array(Type.Number(), { description }))
}
