import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import { describeShape, sizeOf } from '../../../src/numerics/shape.ts'

type Given = { name: string; shape?: number[]; values: number[] }

/** What is wrong with values of parameters that a client gives under `field`. */
export const tensorErrors = ({ parameters }: Plan, tensors: readonly Given[], field: string): ValidationError[] => {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]))
  const seen = new Set<string>()
  return tensors.flatMap(({ name, shape, values }, at): ValidationError[] => {
    const path = `/${field}/${at}`
    const expected = shapes.get(name)
    if (!expected)
      return [
        {
          path: `${path}/name`,
          code: 'not_found',
          message: `is no parameter of the model; the first are ${[...shapes.keys()].slice(0, 10).join(', ')}`,
          value: name,
        },
      ]
    if (seen.has(name)) return [{ path: `${path}/name`, code: 'duplicate', message: 'is given twice', value: name }]
    seen.add(name)
    if (shape && JSON.stringify(shape) !== JSON.stringify(expected))
      return [{ path: `${path}/shape`, code: 'shape_mismatch', message: `must be ${describeShape(expected)}, is ${describeShape(shape)}` }]
    if (values.length !== sizeOf(expected))
      return [
        {
          path: `${path}/values`,
          code: 'shape_mismatch',
          message: `has ${values.length} values; ${name} of shape ${describeShape(expected)} takes ${sizeOf(expected)}`,
        },
      ]
    return []
  })
}
