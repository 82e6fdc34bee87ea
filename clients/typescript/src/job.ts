/** One training run, as it was when it was last asked for, and all that can be asked about it and done with it. */
import type { DatasetPrediction } from './dataset-prediction.ts'
import { UnsuccessfulError } from './errors.ts'
import type { CallOptions } from './http/transport.ts'
import type { JobApi } from './resources/job-api.ts'
import type { PredictOptions } from './resources/predict.ts'
import type { PredictDatasetOptions } from './resources/prediction-api.ts'
import type { Gradient, PredictionRows, Weights } from './results.ts'
import type {
  CheckpointQuery,
  Epoch,
  EpochQuery,
  EpochsFormat,
  GradientQuery,
  HistogramQuery,
  Histograms,
  JobData,
  JobEvent,
  JobStatus,
  PictureFormat,
  PictureLink,
  PictureLinkRequest,
  PictureQuery,
  PredictedDataset,
  Predictions,
  WeightsFormat,
  WeightsQuery,
} from './types.ts'

export type WaitOptions = CallOptions & {
  /** Called with each change of status or progress that is seen while waiting. */
  onChange?: (job: Job) => void
}

export class Job {
  readonly id: string
  readonly #api: JobApi
  #data: JobData

  constructor(api: JobApi, data: JobData) {
    this.#api = api
    this.#data = data
    this.id = data.id
  }

  /** The job as the service wrote it. */
  get data(): JobData {
    return this.#data
  }
  get status(): JobStatus {
    return this.#data.status
  }
  get config(): JobData['config'] {
    return this.#data.config
  }
  get progress(): JobData['progress'] {
    return this.#data.progress
  }
  /** Null until it has succeeded. */
  get result(): JobData['result'] {
    return this.#data.result
  }
  /** Why it failed; else null. */
  get error(): JobData['error'] {
    return this.#data.error
  }
  /** True once nothing about it changes any more. */
  get hasEnded(): boolean {
    return hasEnded(this.#data)
  }

  /** Asks how it is now. */
  async refresh(options?: CallOptions): Promise<this> {
    return this.#take(await this.#api.get(this.id, options))
  }

  /** Waits for its end, whatever that is. Aborting `signal` ends the waiting, not the job. */
  async wait({ onChange, ...options }: WaitOptions = {}): Promise<this> {
    while (!this.hasEnded) {
      this.#take(await this.#api.waitOnce(this.id, onChange ? 'change' : 'end', options))
      onChange?.(this)
    }
    return this
  }

  /** The same, and its end must be success. @throws UnsuccessfulError */
  async succeed(options: WaitOptions = {}): Promise<this> {
    await this.wait(options)
    if (this.status === 'succeeded') return this
    const { code = 'CANCELLED', message = 'it was cancelled' } = this.error ?? {}
    throw new UnsuccessfulError<Job>(code, `Job ${this.id} ${this.status}: ${message}`, this)
  }

  /**
   * What happened to it and happens, in order, until it has ended. A line that breaks is opened again after the last event that came;
   * none is lost, none comes twice.
   */
  events(options: CallOptions & { after?: number } = {}): AsyncGenerator<JobEvent> {
    return this.#api.follow(this.id, options)
  }

  /** The same, but only what happened until now. */
  history(options: CallOptions & { after?: number } = {}): AsyncGenerator<JobEvent> {
    return this.#api.history(this.id, options)
  }

  /** Loss, metrics, learning rate, … of the epochs that are finished. */
  epochs(query?: EpochQuery, options?: CallOptions): Promise<Epoch[]> {
    return this.#api.epochs(this.id, query, options)
  }

  /** The same as a file of lines, chunk by chunk: `csv` or `ndjson`. */
  epochsFile(
    format: EpochsFormat,
    query?: EpochQuery,
    options?: CallOptions,
  ): Promise<{ name: string; chunks: AsyncIterable<Uint8Array> }> {
    return this.#api.epochsFile(this.id, format, query, options)
  }

  /** The loss of each finished epoch. */
  async losses(options?: CallOptions): Promise<number[]> {
    return (await this.epochs({}, options)).map(({ loss }) => Number(loss))
  }

  /** The epochs of which weights are kept, with their losses and metrics: `weights({ epoch })` gives them. */
  checkpoints(query?: CheckpointQuery, options?: CallOptions): Promise<Epoch[]> {
    return this.#api.checkpoints(this.id, query, options)
  }

  /** How the values of a parameter, or of its gradient, lie, epoch by epoch. */
  histograms(query?: HistogramQuery, options?: CallOptions): Promise<Histograms> {
    return this.#api.histograms(this.id, query, options)
  }

  /** A picture of its loss, or of another number of its epochs, as the bytes of a file. */
  picture(format: PictureFormat, query?: PictureQuery, options?: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return this.#api.picture(this.id, format, query, options)
  }

  /** An address of such a picture that works without a key, for a time. */
  pictureLink(request: PictureLinkRequest = {}, options?: CallOptions): Promise<PictureLink> {
    return this.#api.pictureLink(this.id, request, options)
  }

  /** Gradients of the epochs, as far as they were recorded. */
  gradients(query?: GradientQuery, options?: CallOptions): Promise<Gradient[]> {
    return this.#api.gradients(this.id, query, options)
  }

  /** What was learned, by parameter, as typed arrays; of the last epoch unless one is named. */
  weights(query?: WeightsQuery, options?: CallOptions): Promise<Weights> {
    return this.#api.weights(this.id, query, options)
  }

  /** The same as a file in a format of its own, chunk by chunk. */
  weightsFile(
    format: WeightsFormat,
    query?: WeightsQuery,
    options?: CallOptions,
  ): Promise<{ name: string; chunks: AsyncIterable<Uint8Array> }> {
    return this.#api.weightsFile(this.id, format, query, options)
  }

  /** What it predicts for rows of yours; with their `labels`, how well too. */
  predict(rows: PredictionRows, options: PredictOptions = {}): Promise<Predictions> {
    return this.#api.predict(this.id, rows, options)
  }

  /** What it predicts for all rows of a dataset, by its id or as what the service generates: work of its own, to be waited for. */
  predictDataset(dataset: string | PredictedDataset, options: PredictDatasetOptions = {}): Promise<DatasetPrediction> {
    return this.#api.predictDataset(this.id, dataset, options)
  }

  /** Ends it; finished epochs stay. */
  async cancel(options?: CallOptions): Promise<this> {
    return this.#take(await this.#api.act(this.id, 'cancel', options))
  }
  /** Lets go of it for now. */
  async pause(options?: CallOptions): Promise<this> {
    return this.#take(await this.#api.act(this.id, 'pause', options))
  }
  /** Lets a paused one go on, to the same bits. */
  async resume(options?: CallOptions): Promise<this> {
    return this.#take(await this.#api.act(this.id, 'resume', options))
  }
  /** Deletes it with all its results. @throws ConflictError while it runs */
  delete(options?: CallOptions): Promise<void> {
    return this.#api.remove(this.id, options)
  }

  toJSON(): JobData {
    return this.#data
  }

  #take(data: JobData): this {
    this.#data = data
    return this
  }
}

const hasEnded = ({ status }: JobData): boolean => ['succeeded', 'failed', 'cancelled'].includes(status)
