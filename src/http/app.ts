/** Builds the HTTP entry point: plugins, routes, one way of failing. It listens nowhere; server.ts does. */
import { setMaxListeners } from 'node:events'
import accepts from '@fastify/accepts'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type FastifyBaseLogger, fastify, LogController } from 'fastify'
import { Problem } from '../contracts/error-codes.ts'
import type { DatasetService } from '../features/datasets/dataset.service.ts'
import type { DatasetRowsService } from '../features/datasets/rows/dataset-rows.service.ts'
import type { AllEvents } from '../features/events/all-events.service.ts'
import type { IdempotencyService } from '../features/idempotency/idempotency.service.ts'
import type { NewId } from '../features/ids.ts'
import type { ImportService } from '../features/imports/import.service.ts'
import type { InferenceService } from '../features/inference/inference.service.ts'
import type { InferenceRequests } from '../features/inference/inference-requests.ts'
import type { PredictionService } from '../features/inference/prediction.service.ts'
import type { CurvesService } from '../features/jobs/curves.service.ts'
import type { EventFeed } from '../features/jobs/event-feed.service.ts'
import type { HistogramsService } from '../features/jobs/histograms.service.ts'
import type { JobService } from '../features/jobs/job.service.ts'
import type { JobWaits } from '../features/jobs/job-wait.service.ts'
import type { ResultsService } from '../features/jobs/results.service.ts'
import type { KeyService } from '../features/keys/key.service.ts'
import type { Keyring } from '../features/keys/keyring.ts'
import type { PictureLinks } from '../features/links/picture-links.service.ts'
import type { ModelAliasService } from '../features/models/model-alias.service.ts'
import type { PictureService } from '../features/pictures/picture.service.ts'
import type { DatasetPredictionService } from '../features/predictions/dataset-prediction.service.ts'
import type { SweepService } from '../features/sweeps/sweep.service.ts'
import type { TrainerService } from '../features/trainers/trainer.service.ts'
import type { UploadSessionService } from '../features/uploads/upload-session.service.ts'
import type { WeightsService } from '../features/weights/weights.service.ts'
import type { Metrics } from '../platform/telemetry/prometheus.ts'
import { createBodyBudget } from './bodies/body-budget.ts'
import { createBodyThreads } from './bodies/body-threads.ts'
import type { AskZstd } from './bodies/content-encoding.ts'
import { defaultPace, type Pace } from './bodies/progress.ts'
import { contentSecurity } from './content-security.ts'
import type { DashboardFiles } from './dashboard-files.ts'
import { createOpenAnswers, openPerTenant as defaultOpenPerTenant } from './open-answers.ts'
import { addAuthentication } from './plugins/authentication.ts'
import { addJsonBodies } from './plugins/bodies.ts'
import { addCallerRules, type CallerRules } from './plugins/callers.ts'
import { createClientErrors } from './plugins/client-errors.ts'
import { addConnectionRules } from './plugins/connection-rules.ts'
import { addEarlyAnswers } from './plugins/early-answers.ts'
import { addIdempotency, type ResourceReaders } from './plugins/idempotency.ts'
import { createKeyLimits } from './plugins/key-limits.ts'
import { addOpenApi } from './plugins/openapi.ts'
import { addProblemDetails, sendProblem } from './plugins/problem-details.ts'
import { addRequestMetrics } from './plugins/request-metrics.ts'
import { addScopes } from './plugins/scopes.ts'
import { addValidation } from './plugins/validation.ts'
import { addAllEventsRoutes } from './routes/all-events.routes.ts'
import { addCatalogRoutes } from './routes/catalog.routes.ts'
import { addCurveRoutes } from './routes/curves.routes.ts'
import { addDashboardRoutes } from './routes/dashboard.routes.ts'
import { addDatasetRowsRoutes } from './routes/dataset-rows.routes.ts'
import { addDatasetRoutes } from './routes/datasets.routes.ts'
import { addEngineRoutes } from './routes/engine.routes.ts'
import { addEventRoutes } from './routes/events.routes.ts'
import { addHealthRoutes, type ReadinessChecks } from './routes/health.routes.ts'
import { addHistogramRoutes } from './routes/histograms.routes.ts'
import { addImportRoutes } from './routes/imports.routes.ts'
import { addJobRoutes } from './routes/jobs.routes.ts'
import { addKeyRoutes } from './routes/keys.routes.ts'
import { addMetricsRoutes } from './routes/metrics.routes.ts'
import { addModelRoutes } from './routes/models.routes.ts'
import { addPictureRoutes } from './routes/pictures.routes.ts'
import { addPredictionRoutes } from './routes/predictions.routes.ts'
import { addResultRoutes } from './routes/results.routes.ts'
import { addSweepRoutes } from './routes/sweeps.routes.ts'
import { addTrainerRoutes } from './routes/trainers.routes.ts'
import { addUploadRoutes } from './routes/uploads.routes.ts'
import { addWebhookRoutes, type WebhookServices, webhookReaders } from './routes/webhooks.routes.ts'
import { addWeightRoutes } from './routes/weights.routes.ts'
import type { App } from './types.ts'

export type AppOptions = {
  services: WebhookServices & {
    datasets: DatasetService
    datasetRows: DatasetRowsService
    jobs: JobService
    jobWaits: JobWaits
    results: ResultsService
    histograms: HistogramsService
    curves: CurvesService
    pictures: PictureService
    links: PictureLinks
    feed: EventFeed
    allEvents: AllEvents
    weights: WeightsService
    inference: InferenceService
    inferenceRequests: InferenceRequests
    predictions: PredictionService
    datasetPredictions: DatasetPredictionService
    models: ModelAliasService
    sweeps: SweepService
    trainers: TrainerService
    uploads: UploadSessionService
    imports: ImportService
    apiKeys: KeyService
    idempotency: IdempotencyService
  }
  keys: Keyring
  /** Who may speak to it; `open` follows from the keys. */
  callers?: Omit<CallerRules, 'open'>
  checks: ReadinessChecks
  metrics: Metrics
  newId: NewId
  /** Tells errors of a database that is away or too slow, which pass, from all others. */
  isUnavailable: (error: unknown) => boolean
  /** Largest JSON body of datasets, jobs and inference requests, in bytes. */
  bodyLimit: number
  /** How fast large bodies must come. */
  pace?: Pace
  /** Event streams, and requests that wait for a job, that a tenant may hold open. */
  openPerTenant?: number
  /** Decompresses Zstandard elsewhere than on the event loop. */
  askZstd: AskZstd
  version: string
  /** The page at /, if it was built. */
  dashboard?: DashboardFiles
  /** Ends what runs beside the requests. */
  onClose?: () => Promise<void>
  log?: FastifyBaseLogger
}

/** Largest body of requests that need none to speak of, in bytes. */
const smallBody = 1024 * 1024
/** How much larger a file may be than a JSON body, since it is never in memory as a whole. */
export const filesPerBody = 64
/** Large JSON bodies that are held at a time, as so many of the largest. */
const bodiesAtOnce = 3
/** Requests of one address in a minute: enough for any honest client. */
const requestsPerMinute = 100_000

export const buildApp = async ({
  services,
  keys,
  callers = { allowedHosts: [], corsOrigins: [] },
  checks,
  metrics,
  newId,
  isUnavailable,
  bodyLimit,
  pace = defaultPace,
  openPerTenant = defaultOpenPerTenant,
  askZstd,
  version,
  dashboard,
  onClose = async () => {},
  log,
}: AppOptions): Promise<App> => {
  const closing = new AbortController()
  // As many requests as there are may wait for it.
  setMaxListeners(0, closing.signal)
  const clientErrors = createClientErrors(newId)
  const app: App = fastify({
    ...(log ? { loggerInstance: log } : {}),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: smallBody,
    genReqId: () => newId('req'),
    requestIdHeader: false,
    // A large upload over a slow line takes its time, an idle connection does not.
    requestTimeout: 600_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // Ids of any length are looked up, and found to be nothing.
    routerOptions: { maxParamLength: 65_536 },
    clientErrorHandler: clientErrors.handle,
    // Both would be answered without a problem document.
    http: { requireHostHeader: false },
    return503OnClosing: false,
    frameworkErrors: (_error, request, reply) => {
      void reply.header('x-request-id', request.id)
      sendProblem(new Problem('MALFORMED_REQUEST'), request, reply)
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  clientErrors.watch(app.server)
  addEarlyAnswers(app)
  app.decorateRequest('tenant', '')
  app.decorateRequest('caller')
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  app.addHook('preClose', async () => closing.abort())
  app.addHook('onClose', onClose)

  addRequestMetrics(app, metrics)
  addProblemDetails(app, isUnavailable)
  addConnectionRules(app, closing.signal, pace.unreadMs)
  await app.register(helmet, { contentSecurityPolicy: { directives: contentSecurity }, strictTransportSecurity: false })
  await addCallerRules(app, { open: keys.open, ...callers })
  addValidation(app)
  addJsonBodies(app, { budget: createBodyBudget(bodiesAtOnce * bodyLimit), pace, threads: createBodyThreads() })
  await app.register(accepts)
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: '1 minute', enableDraftSpec: true })
  await addOpenApi(app, { version, limits: { bodyLimit, fileLimit: filesPerBody * bodyLimit, requestsPerMinute } })

  addDashboardRoutes(app, { files: dashboard })
  addHealthRoutes(app, { checks })
  await app.register(async (scope: App) => addMetricsRoutes(scope, { metrics, keys }))
  await app.register(
    async (v1: App) => {
      addScopes(v1)
      addAuthentication(v1, { keys, links: services.links, countRequest: createKeyLimits(v1) })
      const readers: ResourceReaders = {
        jobs: (tenant, id) => services.jobs.get(tenant, id),
        datasets: (tenant, id) => services.datasets.get(tenant, id),
        sweeps: (tenant, id) => services.sweeps.get(tenant, id),
        uploads: (tenant, id) => services.uploads.get(tenant, id),
        imports: (tenant, id) => services.imports.get(tenant, id),
        keys: (tenant, id) => services.apiKeys.get(tenant, id),
        trainers: (tenant, id) => services.trainers.get(tenant, id),
        predictions: (tenant, id) => services.datasetPredictions.get(tenant, id),
        ...webhookReaders(services),
      }
      addIdempotency(v1, services.idempotency, { readers, bodyLimit: filesPerBody * bodyLimit })
      // A scope of their own, since only they take files.
      await v1.register(async (files: App) =>
        addDatasetRoutes(files, { ...services, bodyLimit, fileLimit: filesPerBody * bodyLimit, pace, askZstd }),
      )
      await v1.register(async (uploads: App) =>
        addUploadRoutes(uploads, { ...services, fileLimit: filesPerBody * bodyLimit, pace, askZstd }),
      )
      addImportRoutes(v1, { imports: services.imports, closing: closing.signal })
      addDatasetRowsRoutes(v1, { datasetRows: services.datasetRows })
      addJobRoutes(v1, { ...services, bodyLimit, openPerTenant, closing: closing.signal })
      addCurveRoutes(v1, { curves: services.curves })
      addPictureRoutes(v1, services)
      addResultRoutes(v1, { results: services.results })
      addHistogramRoutes(v1, { histograms: services.histograms })
      const streams = createOpenAnswers({ what: 'event streams', max: openPerTenant, onOpen: metrics.holdStream })
      addEventRoutes(v1, { ...services, streams, openPerTenant, closing: closing.signal })
      addAllEventsRoutes(v1, { allEvents: services.allEvents, streams, closing: closing.signal })
      addWeightRoutes(v1, { weights: services.weights })
      addEngineRoutes(v1, { ...services, requests: services.inferenceRequests, bodyLimit, closing: closing.signal })
      addModelRoutes(v1, { models: services.models, bodyLimit, closing: closing.signal })
      addPredictionRoutes(v1, { predictions: services.datasetPredictions, openPerTenant, closing: closing.signal })
      addTrainerRoutes(v1, { trainers: services.trainers, bodyLimit, closing: closing.signal })
      addSweepRoutes(v1, { sweeps: services.sweeps, bodyLimit })
      addKeyRoutes(v1, services)
      addWebhookRoutes(v1, services)
      addCatalogRoutes(v1)
    },
    { prefix: '/v1' },
  )
  await app.ready()
  return app
}
