/** What a model gives for all rows of a dataset, as it was when it was last asked for. */
import { UnsuccessfulError } from './errors.ts'
import type { CallOptions } from './http/transport.ts'
import type { PredictionApi } from './resources/prediction-api.ts'
import type { DatasetPredictionData, PredictedRow, PredictionFormat } from './types.ts'

export class DatasetPrediction {
  readonly id: string
  readonly #api: PredictionApi
  #data: DatasetPredictionData

  constructor(api: PredictionApi, data: DatasetPredictionData) {
    this.#api = api
    this.#data = data
    this.id = data.id
  }

  /** The prediction as the service wrote it. */
  get data(): DatasetPredictionData {
    return this.#data
  }
  get status(): DatasetPredictionData['status'] {
    return this.#data.status
  }
  /** Loss and metrics over all rows; null until it has succeeded, or without labels. */
  get metrics(): DatasetPredictionData['metrics'] {
    return this.#data.metrics
  }

  /** Asks how it is now. */
  async refresh(options?: CallOptions): Promise<this> {
    this.#data = await this.#api.get(this.id, options)
    return this
  }

  /** Waits for its end, whatever that is. Aborting `signal` ends the waiting, not the prediction. */
  async wait(options?: CallOptions): Promise<this> {
    while (this.#data.finishedAt === null) this.#data = await this.#api.waitOnce(this.id, options)
    return this
  }

  /** The same, and its end must be success. @throws UnsuccessfulError */
  async succeed(options?: CallOptions): Promise<this> {
    await this.wait(options)
    const { status, error } = this.#data
    if (status === 'succeeded') return this
    const { code = 'INTERNAL', message = 'it did not succeed' } = error ?? {}
    throw new UnsuccessfulError<DatasetPrediction>(code, `Prediction ${this.id} ${status}: ${message}`, this)
  }

  /** Its rows in the order of the dataset, as they come. @throws ConflictError until it has succeeded */
  rows(options?: CallOptions): AsyncGenerator<PredictedRow> {
    return this.#api.rows(this.id, options)
  }

  /** The same as a file of lines, chunk by chunk. */
  file(format: PredictionFormat, options?: CallOptions): Promise<{ name: string; chunks: AsyncIterable<Uint8Array> }> {
    return this.#api.file(this.id, format, options)
  }

  /** Deletes it with its rows, whatever is done for it. */
  delete(options?: CallOptions): Promise<void> {
    return this.#api.remove(this.id, options)
  }

  toJSON(): DatasetPredictionData {
    return this.#data
  }
}
