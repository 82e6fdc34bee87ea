/** The catalog as the API shows it, out of the entries that validation and the engine use themselves. */

import { activationCatalog } from '../../contracts/catalog/activations.ts'
import type { Definition } from '../../contracts/catalog/definition.ts'
import { gains } from '../../contracts/catalog/gains.ts'
import { generatorCatalog } from '../../contracts/catalog/generators.ts'
import { initializerCatalog } from '../../contracts/catalog/initializers.ts'
import { layerCatalog } from '../../contracts/catalog/layers.ts'
import type { Loss } from '../../contracts/catalog/loss.ts'
import { lossCatalog } from '../../contracts/catalog/losses.ts'
import type { Metric } from '../../contracts/catalog/metric.ts'
import { metricCatalog } from '../../contracts/catalog/metrics.ts'
import { optimizerCatalog } from '../../contracts/catalog/optimizers.ts'
import { scheduleCatalog } from '../../contracts/catalog/schedules.ts'
import { solverCatalog } from '../../contracts/catalog/solvers.ts'
import type { CatalogResource } from '../../contracts/catalog-resource.ts'

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
  options: JSON.parse(JSON.stringify(options)) as Record<string, Record<string, unknown>>,
})
