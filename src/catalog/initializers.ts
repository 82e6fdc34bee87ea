/** Every initializer by its type. */
import type { RandomStream } from '../numerics/random.ts'
import type { ConfigOfAny } from './definition.ts'
import type { Initializer, OptionConflict, WeightPlan } from './initializer.ts'
import { constant } from './initializers/constant.ts'
import { eye } from './initializers/eye.ts'
import { fanInUniform } from './initializers/fan-in-uniform.ts'
import { kaimingNormal } from './initializers/kaiming-normal.ts'
import { kaimingUniform } from './initializers/kaiming-uniform.ts'
import { normal } from './initializers/normal.ts'
import { ones } from './initializers/ones.ts'
import { orthogonal } from './initializers/orthogonal.ts'
import { truncatedNormal } from './initializers/truncated-normal.ts'
import { uniform } from './initializers/uniform.ts'
import { xavierNormal } from './initializers/xavier-normal.ts'
import { xavierUniform } from './initializers/xavier-uniform.ts'
import { zeros } from './initializers/zeros.ts'

export const initializerCatalog = {
  normal,
  uniform,
  constant,
  zeros,
  ones,
  fanInUniform,
  xavierUniform,
  xavierNormal,
  kaimingUniform,
  kaimingNormal,
  truncatedNormal,
  orthogonal,
  eye,
}

export type InitializerConfig = ConfigOfAny<typeof initializerCatalog>

/** The first values of a weight tensor, flat and row-major: a pure function of config, shape, fans and stream. */
export const initialValues = (config: InitializerConfig, weight: WeightPlan, stream: RandomStream): Float32Array => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.fill(weight, stream, config)
}

/** What shape an initializer expects, if it cannot fill this one. */
export const shapeExpectedBy = (config: InitializerConfig, shape: readonly number[]): string | undefined => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.expects?.(shape)
}

/** Which of an initializer's options does not go with the others, if one does not. */
export const optionConflict = (config: InitializerConfig): OptionConflict | undefined => {
  const initializer: Initializer = initializerCatalog[config.type]
  return initializer.conflict?.(config)
}
