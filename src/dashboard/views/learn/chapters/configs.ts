/** Parts that the requests of several chapters share. */
import type { Config, Json } from '../../new-job/draft.ts'

/** The data of the notebooks: 1000 examples of y = Xw + b with a little noise. */
export const linearData: Config = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 }

/** The same, but fewer of them: losses fall slowly enough to be seen. */
export const fewExamples: Config = { ...linearData, examples: 200 }

export const zeros: Config = { type: 'zeros' }
export const normal = (std: number): Config => ({ type: 'normal', std })

/** One linear layer that begins near 0. */
export const linearLayer: Config = { type: 'dense', units: 1, weightInitializer: normal(0.01), biasInitializer: zeros }

type Choices = { data?: Config; layers?: Json[]; loss?: Config; learningRate?: number; training?: Config }

/** A job of a chapter, which says where it comes from. */
export const jobOf = (
  chapter: string,
  { data = linearData, layers = [linearLayer], loss, learningRate = 0.03, training }: Choices,
): Config => ({
  dataset: { synthetic: data },
  model: { layers },
  loss: loss ?? { type: 'mse', reduction: 'mean' },
  optimizer: { type: 'sgd', learningRate },
  training: { epochs: 3, batchSize: 10, seed: 42, ...training },
  metadata: { learn: chapter },
})

/** A day from now: datasets of chapters go by themselves. */
export const tomorrow = (): string => new Date(Date.now() + 24 * 3600 * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
