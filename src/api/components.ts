/** Every schema that has a name: what the OpenAPI document holds once, and validation looks up. */

import { activationFamily } from '../catalog/activations.ts'
import { generatorFamily } from '../catalog/generators.ts'
import { initializerFamily } from '../catalog/initializers.ts'
import { layerFamily } from '../catalog/layers/all-layers.ts'
import { layerOptionSchemas } from '../catalog/layers/layer-options.ts'
import { lossFamily } from '../catalog/losses/all-losses.ts'
import { optimizerFamily } from '../catalog/optimizers/all-optimizers.ts'
import { scheduleFamily, warmupSchema } from '../catalog/schedules.ts'
import { solverFamily } from '../catalog/solvers.ts'
import { catalogSchemas } from './catalog.schema.ts'
import { ColumnLevelSchema, ColumnSchema, HistogramSchema } from './column.schema.ts'
import { curveSchemas } from './curve.schema.ts'
import {
  BadRowSchema,
  BadRowsSchema,
  CreateDatasetSchema,
  CsvDialectSchema,
  DatasetArraysSchema,
  DatasetFormSchema,
  DatasetNoteSchema,
  DatasetPageSchema,
  DatasetRowListSchema,
  DatasetRowsSchema,
  DatasetSchema,
} from './dataset.schema.ts'
import { BatchSchema, CorrelationSchema, CorrelationsSchema, DatasetRowsPageSchema } from './dataset-rows.schema.ts'
import { EpochSchema, EpochsSchema } from './epoch.schema.ts'
import { eventSchemas } from './event.schema.ts'
import { healthSchemas } from './health.schema.ts'
import { histogramSchemas } from './histogram.schema.ts'
import { importSchemas } from './import.schema.ts'
import { inferenceSchemas } from './inference.schema.ts'
import {
  EngineSchema,
  JobEstimateSchema,
  JobProgressSchema,
  JobRestartSchema,
  JobSchema,
  ParameterShapeSchema,
  QueuePlaceSchema,
  SortedBySchema,
  statusSchema,
} from './job.schema.ts'
import { columnNamesSchema } from './job-config/column-names.schema.ts'
import { initialTensorSchema, modelSchema } from './job-config/model.schema.ts'
import {
  clipByNormSchema,
  clipByValueSchema,
  clippingSchema,
  columnGroupsSchema,
  datasetChoiceSchema,
  datasetReferenceSchema,
  earlyStoppingSchema,
  metricSchema,
  recordingSchemas,
  recordSchema,
  regularizationSchema,
  storedDatasetSchema,
  syntheticDatasetSchema,
  warmStartSchemas,
} from './job-config/parts.schema.ts'
import { missingRuleSchema, preprocessingSchema } from './job-config/preprocessing.schema.ts'
import { thresholdSchemas } from './job-config/thresholds.schema.ts'
import { foldsSchema, trainingSchema, validationSplitSchema } from './job-config/training.schema.ts'
import { trainingChoiceSchema } from './job-config/training-choice.schema.ts'
import { jobWebhookSchema } from './job-config/webhook.schema.ts'
import { JobConfigSchema, SolverJobConfigSchema, TrainingJobConfigSchema, WholeJobConfigSchema } from './job-config.schema.ts'
import { jobEventSchemas } from './job-event.schema.ts'
import { JobPageSchema } from './job-list.schema.ts'
import {
  ConfusionMatrixSchema,
  EstimationErrorSchema,
  JobErrorSchema,
  JobResultSchema,
  SolverResultSchema,
  StandardErrorsSchema,
} from './job-result.schema.ts'
import { keySchemas } from './key.schema.ts'
import { layersModelSchemas } from './layers-model.schema.ts'
import { metadataSchema } from './metadata.schema.ts'
import { modelSchemas } from './model.schema.ts'
import { JsonNumberSchema } from './numbers.ts'
import { SomeFieldsPageSchema, SomeFieldsSchema } from './page.schema.ts'
import { pictureSchemas } from './picture.schema.ts'
import { predictionSchemas } from './prediction.schema.ts'
import { ProblemDocument, ValidationErrorSchema } from './problem.schema.ts'
import type { Named } from './published.ts'
import { estimatedSchemas, resolvedSchemas } from './resolved.ts'
import {
  CreateSweepSchema,
  FoldedPointSchema,
  GridPointSchema,
  GridSchema,
  MeanAndSpreadSchema,
  SweepBaseSchema,
  SweepGridSchema,
  SweepJobSchema,
  SweepPageSchema,
  SweepPartSchema,
  SweepSchema,
  SweepSummarySchema,
} from './sweep.schema.ts'
import { GradientSchema, GradientsSchema, ParameterSchema, TensorSchema, WeightsSchema } from './tensors.schema.ts'
import { trainerSchemas } from './trainer.schema.ts'
import { TruthSchema } from './truth.schema.ts'
import { CreateUploadSchema, UploadListSchema, UploadPartSchema, UploadSchema } from './upload.schema.ts'
import { badRowsAllowedSchema, columnDeclarationsSchema, FormOptionsSchema } from './upload-options.schema.ts'
import { webhookSchemas } from './webhook.schema.ts'

/** What a job config is made of. */
const configSchemas: readonly Named[] = [
  datasetChoiceSchema,
  storedDatasetSchema,
  datasetReferenceSchema,
  columnGroupsSchema,
  columnNamesSchema,
  syntheticDatasetSchema,
  ...generatorFamily.schemas,
  missingRuleSchema,
  preprocessingSchema,
  modelSchema,
  initialTensorSchema,
  ...layerFamily.schemas,
  ...activationFamily.schemas,
  ...layerOptionSchemas,
  ...initializerFamily.schemas,
  ...lossFamily.schemas,
  ...optimizerFamily.schemas,
  ...scheduleFamily.schemas,
  warmupSchema,
  clipByNormSchema,
  clipByValueSchema,
  clippingSchema,
  regularizationSchema,
  validationSplitSchema,
  foldsSchema,
  trainingSchema,
  ...warmStartSchemas,
  ...solverFamily.schemas,
  earlyStoppingSchema,
  metricSchema,
  ...recordingSchemas,
  recordSchema,
  metadataSchema,
  jobWebhookSchema,
  ...thresholdSchemas,
]

/** What a request may say of it. */
const requestSchemas: readonly Named[] = [JobConfigSchema, TrainingJobConfigSchema, SolverJobConfigSchema, trainingChoiceSchema]

/** The service chooses a seed if a request gives none. */
const chosen = { Training: ['seed'] }
const resolved = resolvedSchemas('JobConfig', [WholeJobConfigSchema, ...configSchemas], chosen)

export const components: readonly Named[] = [
  ...healthSchemas,
  ValidationErrorSchema,
  ProblemDocument,
  JsonNumberSchema,
  ColumnLevelSchema,
  HistogramSchema,
  ColumnSchema,
  TruthSchema,
  CsvDialectSchema,
  DatasetNoteSchema,
  BadRowSchema,
  BadRowsSchema,
  DatasetSchema,
  DatasetPageSchema,
  DatasetRowsSchema,
  DatasetRowListSchema,
  DatasetArraysSchema,
  CreateDatasetSchema,
  columnDeclarationsSchema,
  badRowsAllowedSchema,
  FormOptionsSchema,
  DatasetFormSchema,
  CreateUploadSchema,
  UploadPartSchema,
  UploadSchema,
  UploadListSchema,
  ...importSchemas,
  DatasetRowsPageSchema,
  BatchSchema,
  CorrelationSchema,
  CorrelationsSchema,
  ...requestSchemas,
  ...configSchemas,
  ...resolved,
  ...estimatedSchemas('JobConfig', resolved, chosen),
  statusSchema,
  EngineSchema,
  JobProgressSchema,
  JobRestartSchema,
  QueuePlaceSchema,
  ConfusionMatrixSchema,
  EstimationErrorSchema,
  StandardErrorsSchema,
  SolverResultSchema,
  JobResultSchema,
  JobErrorSchema,
  SortedBySchema,
  JobSchema,
  JobPageSchema,
  ParameterShapeSchema,
  JobEstimateSchema,
  EpochSchema,
  EpochsSchema,
  ...curveSchemas,
  ...histogramSchemas,
  ...pictureSchemas,
  GradientSchema,
  GradientsSchema,
  TensorSchema,
  ParameterSchema,
  WeightsSchema,
  ...layersModelSchemas,
  ...eventSchemas,
  ...jobEventSchemas,
  ...inferenceSchemas,
  ...predictionSchemas,
  ...modelSchemas,
  ...catalogSchemas,
  ...keySchemas,
  CreateSweepSchema,
  GridSchema,
  SweepGridSchema,
  GridPointSchema,
  SweepPartSchema,
  SweepBaseSchema,
  MeanAndSpreadSchema,
  FoldedPointSchema,
  SweepJobSchema,
  SweepSchema,
  SweepSummarySchema,
  SweepPageSchema,
  SomeFieldsSchema,
  SomeFieldsPageSchema,
  ...trainerSchemas,
  ...webhookSchemas,
]

const byReference = new Map(components.map((schema) => [`${schema.$id}#`, schema]))

/** The schema that a reference, `Layer#`, is to; undefined for anything else. */
export const componentOf = (reference: unknown): Named | undefined => byReference.get(String(reference))
