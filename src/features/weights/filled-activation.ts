import { type ActivationConfig, type ActivationType, activationCatalog } from '../../catalog/activations.ts'
import { defaultsOf } from '../../catalog/definition.ts'

/** An activation given by its name or its config, with every option filled in. */
export const filledActivation = (given: ActivationType | ActivationConfig): ActivationConfig => {
  const config = typeof given === 'string' ? { type: given } : given
  return { ...defaultsOf(activationCatalog[config.type]), ...config } as ActivationConfig
}
