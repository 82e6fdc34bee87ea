/** The numbers of the rules by which the service chooses what a request left out; docs/tables.md tells them in words. */

/**
 * Most levels of a category that becomes a feature by itself: each then has five rows, one with another, and the inputs that
 * they become do not fill the memory.
 */
export const mostLevels = (rows: number): number => Math.min(Math.max(20, Math.floor(rows / 5)), Math.floor(maxCategoryInputs / rows))
const maxCategoryInputs = 200_000_000

/** Fewer rows than this are all trained on: a share of them would say nothing. */
export const fewestSplitRows = 40
/** The share of the rows that is held back. */
export const heldBackShare = 0.2

/** Units of the hidden layers of a model for so many rows and inputs. */
export const hiddenUnits = (rows: number, inputs: number): number[] => {
  const first = Math.min(128, Math.max(64, powerOfTwo(Math.min(inputs * 4, rows / 16))))
  return [first, first / 2]
}

/** Rows of a mini-batch: about a thirtieth of the rows. */
export const batchRows = (rows: number): number => Math.min(maxBatch, Math.max(16, powerOfTwo(rows / 30)))
const maxBatch = 256

/** Epochs in a row without an improvement after which training stops. */
export const patience = 20

/** Most steps of training altogether, and most epochs. */
const maxSteps = 50_000
const maxEpochs = 200
const fewestEpochs = 5
/** If no rows are held back, nothing ends training early. */
const unwatchedEpochs = 100

/** Most passes over the rows. */
export const epochsOf = (rows: number, batchSize: number, isWatched: boolean): number => {
  const most = Math.floor(maxSteps / Math.ceil(rows / batchSize))
  return Math.max(fewestEpochs, Math.min(isWatched ? maxEpochs : unwatchedEpochs, most))
}

export const learningRate = 0.003

/** The power of two that is nearest, by its logarithm. */
const powerOfTwo = (value: number): number => 2 ** Math.round(Math.log2(Math.max(1, value)))
