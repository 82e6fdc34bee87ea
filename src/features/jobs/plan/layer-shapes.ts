/** Shapes through the stack of layers. */

import { optionConflict, parameterShapeExpectedBy } from '../../../catalog/initializers.ts'
import { type LayerConfig, layerDefinition } from '../../../catalog/layers/all-layers.ts'
import { isLayerError } from '../../../catalog/layers/layer.ts'
import { conflictErrors } from '../../../catalog/option-conflict.ts'
import type { ValidationError } from '../../../contracts/error-codes.ts'
import type { LayerPlan, ParameterPlan } from '../../../contracts/plan.ts'
import { describeShape } from '../../../numerics/shape.ts'

/** Layers up to the first that does not take its input; that one is the validation error. */
export const inferLayers = (
  configs: readonly LayerConfig[],
  inputShape: readonly number[],
): { layers: LayerPlan[]; errors: ValidationError[] } => {
  const layers: LayerPlan[] = []
  const errors: ValidationError[] = []
  let shape = [...inputShape]
  for (const [index, config] of configs.entries()) {
    const inferred = layerDefinition(config).infer(config, shape)
    const path = `/model/layers/${index}`
    if (isLayerError(inferred)) {
      const message = `layer ${index} (${config.type}) expects ${inferred.expected}; got ${inferred.got}`
      errors.push({ path: inferred.option ? `${path}/${inferred.option}` : path, code: 'shape_mismatch', message })
      break
    }
    const parameters = inferred.parameters.map((parameter): ParameterPlan => ({ ...parameter, name: `layers.${index}.${parameter.name}` }))
    errors.push(...parameters.flatMap((parameter) => initializerErrors(parameter, path)))
    layers.push({ index, config, inputShape: shape, outputShape: inferred.outputShape, parameters, buffers: inferred.buffers })
    shape = inferred.outputShape
  }
  return { layers, errors }
}

/** An initializer that cannot fill its parameter. */
const initializerErrors = ({ name, shape, initializer }: ParameterPlan, path: string): ValidationError[] => {
  const at = `${path}/${name.endsWith('.bias') ? 'biasInitializer' : 'weightInitializer'}`
  const conflicts = conflictErrors(optionConflict(initializer), at)
  const expected = parameterShapeExpectedBy(initializer, shape)
  if (expected === undefined) return conflicts
  const message = `${initializer.type} expects ${expected}; ${name} has shape ${describeShape(shape)}`
  return [{ path: at, code: 'shape_mismatch', message }, ...conflicts]
}
