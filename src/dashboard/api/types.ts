/** The resources of the API by their names in openapi.json. */
import type { components } from '../generated/api.d.ts'

type Schemas = components['schemas']

export type Job = Schemas['Job']
export type JobStatus = Schemas['JobStatus']
export type Curves = Schemas['Curves']
export type Epoch = Schemas['Epoch']
export type JobEvent = Schemas['Event']
export type Gradient = Schemas['Gradient']
export type Histograms = Schemas['Histograms']
export type EpochHistogram = Schemas['EpochHistogram']
export type Weights = Schemas['Weights']
export type Dataset = Schemas['Dataset']
export type Batch = Schemas['Batch']
export type Predictions = Schemas['Predictions']
export type DatasetPrediction = Schemas['DatasetPrediction']
export type Column = Schemas['Column']
export type Import = Schemas['Import']
export type Upload = Schemas['Upload']
export type RowsPage = Schemas['DatasetRowsPage']
export type Correlations = Schemas['Correlations']
export type Catalog = Schemas['Catalog']
export type CatalogEntry = Schemas['CatalogEntry']
export type CatalogOption = Schemas['CatalogOption']
export type CurrentKey = Schemas['CurrentKey']
export type JobEstimate = Schemas['JobEstimate']
export type Sweep = Schemas['Sweep']
export type SweepSummary = Schemas['SweepSummary']
export type ValidationError = Schemas['ValidationError']
export type ProblemDocument = Schemas['Problem']

/** A number; those that are not finite are written as words. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity'

/** One page of a list. */
export type Page<Item> = { data: Item[]; hasMore: boolean; nextCursor: string | null }
