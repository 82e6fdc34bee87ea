/** The catalog as the API shows it, out of the entries that validation and the engine use themselves. */

import type { CatalogResource } from '../../api/catalog.schema.ts'
import { activationCatalog } from '../../catalog/activations.ts'
import type { Definition } from '../../catalog/definition.ts'
import { gains } from '../../catalog/gains.ts'
import { generatorCatalog } from '../../catalog/generators.ts'
import { initializerCatalog } from '../../catalog/initializers.ts'
import { layerCatalog } from '../../catalog/layers/all-layers.ts'
import { lossCatalog } from '../../catalog/losses/all-losses.ts'
import type { Loss } from '../../catalog/losses/loss.ts'
import { type Metric, metricCatalog } from '../../catalog/metrics.ts'
import { optimizerCatalog } from '../../catalog/optimizers/all-optimizers.ts'
import { scheduleCatalog } from '../../catalog/schedules.ts'
import { solverCatalog } from '../../catalog/solvers.ts'
import { describeOption } from './catalog-option.ts'

/** Everything that a config may name, with options, defaults and ranges. */
export const describeCatalog = (): CatalogResource => ({
  losses: Object.values<Loss>(lossCatalog).map((loss) => ({
    ...entry(loss),
    inputs: loss.inputs,
    target: loss.target,
    reductions: [...loss.reductions],
    meanDividesBy: loss.meanDividesBy,
  })),
  initializers: entries(initializerCatalog),
  gains,
  activations: entries(activationCatalog),
  layers: entries(layerCatalog),
  optimizers: entries(optimizerCatalog),
  schedules: entries(scheduleCatalog),
  solvers: entries(solverCatalog),
  metrics: Object.values<Metric>(metricCatalog).map((metric) => ({ ...entry(metric), of: metric.of })),
  generators: entries(generatorCatalog),
})

const entries = (catalog: Record<string, Definition>) => Object.values(catalog).map(entry)

const entry = ({ type, summary, source, options }: Definition) => ({
  type,
  summary,
  ...(source ? { source } : {}),
  options: Object.fromEntries(Object.entries(options).map(([name, schema]) => [name, describeOption(schema)])),
})
