/** Shapes through the stack of layers. */
import { shapeExpectedBy } from '../../../contracts/catalog/initializers.ts'
import { isLayerFault } from '../../../contracts/catalog/layers/layer.ts'
import { type LayerConfig, layerDefinition } from '../../../contracts/catalog/layers.ts'
import { conflictFaults } from '../../../contracts/catalog/sampling-faults.ts'
import type { LayerPlan, ParameterPlan } from '../../../contracts/plan.ts'
import type { Fault } from '../../../contracts/problems.ts'

/** Layers up to the first that does not take its input; that one is the fault. */
export const inferLayers = (configs: readonly LayerConfig[], inputShape: readonly number[]): { layers: LayerPlan[]; faults: Fault[] } => {
  const layers: LayerPlan[] = []
  const faults: Fault[] = []
  let shape = [...inputShape]
  for (const [index, config] of configs.entries()) {
    const inferred = layerDefinition(config).infer(config, shape)
    const path = `/model/layers/${index}`
    if (isLayerFault(inferred)) {
      const message = `layer ${index} (${config.type}) expects ${inferred.expected}; got ${inferred.got}`
      faults.push({ path: inferred.option ? `${path}/${inferred.option}` : path, code: 'shape_mismatch', message })
      break
    }
    const parameters = inferred.parameters.map((parameter): ParameterPlan => ({ ...parameter, name: `layers.${index}.${parameter.name}` }))
    faults.push(...parameters.flatMap((parameter) => initializerFaults(parameter, path)))
    layers.push({ index, config, inputShape: shape, outputShape: inferred.outputShape, parameters, buffers: inferred.buffers })
    shape = inferred.outputShape
  }
  return { layers, faults }
}

/** An initializer that cannot fill its parameter; the default's fans are those of the weight, so it fits any bias. */
const initializerFaults = ({ name, shape, initializer }: ParameterPlan, path: string): Fault[] => {
  const at = `${path}/${name.endsWith('.bias') ? 'biasInitializer' : 'weightInitializer'}`
  const conflicts = conflictFaults(initializer, at)
  const expected = initializer.type === 'fanInUniform' ? undefined : shapeExpectedBy(initializer, shape)
  if (expected === undefined) return conflicts
  const message = `${initializer.type} expects ${expected}; ${name} has shape [${shape.join(', ')}]`
  return [{ path: at, code: 'shape_mismatch', message }, ...conflicts]
}
