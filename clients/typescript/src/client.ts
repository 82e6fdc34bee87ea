/** The client: everything of a service, by resource. */
import { segment } from './http/query.ts'
import { type CallOptions, type CallRequest, createTransport, type Method } from './http/transport.ts'
import { type ClientOptions, readOptions } from './options.ts'
import { createDatasets } from './resources/datasets.ts'
import { createEvents } from './resources/events.ts'
import { createImports } from './resources/imports.ts'
import { createJobs } from './resources/jobs.ts'
import { createKeys } from './resources/keys.ts'
import { createModels } from './resources/models.ts'
import { createPredictions } from './resources/predictions.ts'
import { createSweeps } from './resources/sweeps.ts'
import { createTrainers } from './resources/trainers.ts'
import { createUploads } from './resources/uploads.ts'
import { createWebhooks } from './resources/webhooks.ts'
import type { Catalog, LossTensors, LossValue, Sample, SampleRequest } from './types.ts'

/**
 * A client of one service. It keeps no connection open, so there is nothing to close.
 *
 *     const client = new Trainyard()
 *     const job = await client.jobs.train(config, { onEpoch: ({ epoch, loss }) => console.log(epoch, loss) })
 */
export class Trainyard {
  /** Where the service is. */
  readonly url: string
  readonly jobs: ReturnType<typeof createJobs>
  readonly datasets: ReturnType<typeof createDatasets>
  readonly uploads: ReturnType<typeof createUploads>
  readonly imports: ReturnType<typeof createImports>
  readonly models: ReturnType<typeof createModels>
  readonly predictions: ReturnType<typeof createPredictions>
  readonly sweeps: ReturnType<typeof createSweeps>
  readonly events: ReturnType<typeof createEvents>
  readonly webhooks: ReturnType<typeof createWebhooks>
  readonly trainers: ReturnType<typeof createTrainers>
  readonly keys: ReturnType<typeof createKeys>
  /** Everything that a config can name, with defaults and ranges. */
  readonly catalog: (options?: { signal?: AbortSignal }) => Promise<Catalog>
  /** What a loss makes of your tensors, with its gradients: `evaluateLoss('huber', { inputs, target })`. */
  readonly evaluateLoss: (type: string, tensors: LossTensors, options?: CallOptions) => Promise<LossValue>
  /** A tensor as an initializer draws it, with its mean and spread. */
  readonly sampleInitializer: (type: string, request: SampleRequest, options?: CallOptions) => Promise<Sample>
  /** Any other request of the API, by the same rules: `request('GET', '/v1/jobs', { query: { limit: 1 } })` gives its JSON. */
  readonly request: <Value>(method: Method, path: `/${string}`, request?: CallRequest) => Promise<Value>

  /** @throws TypeError for an option that cannot be */
  constructor(options: ClientOptions = {}) {
    const read = readOptions(options)
    const transport = createTransport(read)
    this.url = read.url
    this.jobs = createJobs(transport)
    this.datasets = createDatasets(transport)
    this.uploads = createUploads(transport)
    this.imports = createImports(transport)
    this.models = createModels(transport)
    this.predictions = createPredictions(transport)
    this.sweeps = createSweeps(transport)
    this.events = createEvents(transport)
    this.webhooks = createWebhooks(transport)
    this.trainers = createTrainers(transport)
    this.keys = createKeys(transport)
    this.catalog = (options = {}) => transport.json('GET', '/v1/catalog', options)
    this.evaluateLoss = (type, body, options) => transport.json('POST', `/v1/losses/${segment(type)}/evaluate`, { ...options, body })
    this.sampleInitializer = (type, body, options) =>
      transport.json('POST', `/v1/initializers/${segment(type)}/sample`, { ...options, body })
    this.request = transport.json
  }
}
