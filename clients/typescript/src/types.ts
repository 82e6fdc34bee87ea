/** What the service publishes in its openapi.json, by the names that it has there. */
import type { components, operations } from './generated/api.d.ts'

type Schemas = components['schemas']
type Query<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>
type Body<Name extends keyof operations> = operations[Name] extends { requestBody: { content: { 'application/json': infer Sent } } }
  ? Sent
  : never

export type { components, operations, paths } from './generated/api.d.ts'

/** A number; those that are not finite are written as words, which `Number(…)` reads. */
export type JsonNumber = Schemas['JsonNumber']
export type Problem = Schemas['Problem']
/** One thing that is wrong with a request: `path` is a JSON Pointer into it. */
export type ValidationErrorEntry = Schemas['ValidationError']

export type JobConfig = Body<'createJob'>
export type JobData = Schemas['Job']
export type JobStatus = Schemas['JobStatus']
export type JobEstimate = Schemas['JobEstimate']
export type JobQuery = Query<'listJobs'>
export type JobEvent = Schemas['Event']
/** An event of any job, with the job that it belongs to. */
export type AllJobsEvent = Schemas['JobEvent']
export type AllJobsEventQuery = Query<'listAllEvents'>
export type EpochEvent = Schemas['EventEpochData']
export type Epoch = Schemas['Epoch']
export type Curves = Schemas['Curves']
export type CurveQuery = Omit<Query<'listCurves'>, 'job'>
export type EpochQuery = Omit<Query<'listEpochs'>, 'format'>
export type EpochsFormat = NonNullable<Query<'listEpochs'>['format']>
export type CheckpointQuery = Query<'listCheckpoints'>
export type Histograms = Schemas['Histograms']
export type HistogramQuery = Query<'listHistograms'>
export type PictureFormat = NonNullable<Body<'createPictureLink'>['format']>
export type PictureQuery = Omit<Query<'getLossPng'>, 'token'>
export type PictureLinkRequest = Body<'createPictureLink'>
export type PictureLink = Schemas['PictureLink']
export type GradientQuery = Query<'listGradients'>
export type WeightsQuery = Pick<Query<'getWeights'>, 'epoch' | 'layout'>
export type WeightsFormat = NonNullable<Query<'getWeights'>['format']>
export type PredictBody = Body<'predict'>
export type Predictions = Schemas['Predictions']
export type PredictedDataset = Schemas['PredictedDataset']
export type DatasetPredictionData = Schemas['DatasetPrediction']
export type PredictionQuery = Query<'listPredictions'>
export type PredictionFormat = NonNullable<Query<'listPredictionRows'>['format']>
/** What is told of a row of a dataset, counted from 0. */
export type PredictedRow = { row: number; prediction: Predictions['predictions'][number] }
export type Cell = Schemas['Cell']
export type Model = Schemas['NamedModel']
export type ModelTarget = Schemas['NamedModelTarget']

export type Dataset = Schemas['Dataset']
export type DatasetQuery = Query<'listDatasets'>
export type UploadOptions = Schemas['FormOptions']
export type Table = Schemas['DatasetRowList'] | Schemas['DatasetArrays'] | Schemas['SyntheticDataset']
export type Batch = Schemas['Batch']
export type BatchQuery = Query<'previewBatch'>
export type Correlations = Schemas['Correlations']
export type Row = Record<string, Cell>
export type Upload = Schemas['Upload']
export type UploadQuery = Query<'listUploads'>
export type UploadPart = Schemas['UploadPart']

export type ImportRequest = Schemas['CreateImport']
export type Import = Schemas['Import']
export type ImportQuery = Query<'listImports'>

export type SweepConfig = Body<'createSweep'>
export type Sweep = Schemas['Sweep']
export type SweepSummary = Schemas['SweepSummary']
export type SweepQuery = Query<'listSweeps'>

export type TrainerConfig = Body<'createTrainer'>
export type TrainerData = Schemas['Trainer']
export type TrainerCheckpoint = Schemas['TrainerCheckpoint']
export type ListedTrainer = Schemas['ListedTrainer']
export type TrainerQuery = Query<'listTrainers'>
export type TrainerOperation = Schemas['TrainerOperation']
export type RepeatableOperation = Schemas['RepeatableOperation']
export type OperationResult = Schemas['OperationResult']
/** What `batches` gives, rows of the dataset as `{ rows: [0, 5] }`, or examples of the program's own as `{ features, labels }`. */
export type TrainerBatch = Omit<Schemas['TrainerOperationBatch'], 'type'> & { type?: 'batch' }

export type NewWebhook = Body<'createWebhook'>
export type Webhook = Schemas['Webhook']
export type WebhookWithSecret = Schemas['WebhookWithSecret']
export type WebhookChanges = Body<'updateWebhook'>
export type WebhookQuery = Query<'listWebhooks'>
export type WebhookSecret = Schemas['WebhookSecret']
export type Delivery = Schemas['Delivery']
export type DeliveryQuery = Query<'listDeliveries'>
export type ReplayRange = Body<'replayDeliveries'>
export type ReplayedDeliveries = Schemas['Replayed']

export type NewKey = Body<'createKey'>
export type Key = Schemas['Key']
export type CurrentKey = Schemas['CurrentKey']
export type KeyQuery = Query<'listKeys'>

export type LossTensors = Schemas['EvaluateLoss']
export type LossValue = Schemas['LossValue']
export type SampleRequest = Schemas['SampleInitializer']
export type Sample = Schemas['Sample']
export type Catalog = Schemas['Catalog']
