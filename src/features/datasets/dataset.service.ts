/** Datasets: store them, describe them, delete them. */
import type { Readable } from 'node:stream'
import type { StoredColumn } from '../../api/column.schema.ts'
import type { DatasetResource } from '../../api/dataset.schema.ts'
import { type Page, type PageRequest, toPage } from '../../api/page.schema.ts'
import type { UploadOptions } from '../../api/upload-options.schema.ts'
import type { JsonText } from '../../api/write-json.ts'
import type { SyntheticSpec } from '../../catalog/generators.ts'
import { Problem } from '../../contracts/error-codes.ts'
import type { NewId } from '../ids.ts'
import type { DatasetRepository } from './dataset.repository.ts'
import { type Dataset, filingOf, isDescribed, type NewDataset, toDatasetResource, toResourceWithout, withTruth } from './dataset.ts'
import { json } from './formats/json.ts'
import { ReadUpload } from './formats/upload-format.ts'
import { type GeneratorAnswer, type GeneratorRequest, syntheticDataset } from './synthetic.ts'
import type { FileTask, TableReader } from './table/read-table.ts'
import type { TableSummary } from './table/table-summary.ts'
import type { InsertOptions, UploadRepository } from './upload.repository.ts'

/** Values of a synthetic table that are generated at once to describe it; a larger one is described when it is read by its id. */
const smallTable = 1_000_000

type Collaborators = {
  datasets: DatasetRepository
  uploads: UploadRepository
  /** Reads files. */
  tables: TableReader
  /** Makes rows of synthetic tables elsewhere than on the event loop. */
  generator: { ask: (request: GeneratorRequest) => Promise<GeneratorAnswer> }
  newId: NewId
}

export const createDatasetService = ({ datasets, uploads, tables, generator, newId }: Collaborators) => {
  const describing = new Map<string, Promise<StoredColumn[]>>()

  /** Stores what a JSON body holds, or what was read of one. @throws Problem VALIDATION_FAILED with every validation error */
  const createFromJson = async (tenant: string, body: unknown, options?: InsertOptions): Promise<DatasetResource> => {
    const read = body instanceof ReadUpload ? body.upload : json.read(body)
    if ('spec' in read)
      return withTruth(
        await describeSmall(await uploads.insert(syntheticDataset(newId('ds'), tenant, read.spec, read.filing), [], options)),
      )
    const dataset = upload({ id: newId('ds'), tenant, format: json.name, csv: null }, read.summary, read.options)
    return withTruth(toDatasetResource(await uploads.insert(dataset, read.parts, options)))
  }

  /** Stores a file while it comes in; nothing is kept of a file with validation errors. @throws Problem with every validation error and its line */
  const createFromFile = async (
    tenant: string,
    file: Readable,
    task: FileTask,
    insertOptions?: InsertOptions,
  ): Promise<DatasetResource> => {
    const table = await tables.read(file, { ...task, tenant })
    try {
      const dataset = upload({ id: newId('ds'), tenant, format: task.format.name, csv: table.csv }, table.summary, table.options)
      return withTruth(toDatasetResource(await uploads.insert(dataset, table.parts(), insertOptions)))
    } finally {
      await table.close()
    }
  }

  const list = async (tenant: string, metadata: Record<string, string>, request: PageRequest): Promise<Page<DatasetResource>> => {
    const page = toPage(await datasets.list(tenant, metadata, request))
    return {
      ...page,
      data: await Promise.all(page.data.map((row) => (row.omitted.length > 0 ? toDatasetResource(row) : describeSmall(row)))),
    }
  }

  /** The dataset; its columns are passed on as the text that they are stored as. */
  const get = async (tenant: string, id: string): Promise<DatasetResource | ShownResource> => {
    const shown = await datasets.findShown(tenant, id)
    if (!shown) throw notFound(id)
    if (!shown.described && shown.spec) return withTruth(await describe(await find(tenant, id)))
    const { columns, columnCount, ...rest } = shown
    return withTruth({ ...toResourceWithout(rest), columnCount, columns })
  }

  /** @throws Problem CONFLICT while an unfinished job needs it */
  const remove = async (tenant: string, id: string): Promise<void> => {
    const removal = await datasets.remove(tenant, id)
    if (removal === 'missing') throw notFound(id)
    if (removal === 'in-use')
      throw new Problem('CONFLICT', `Dataset ${id} is needed by a job or a prediction that is not finished, or by a trainer`)
  }

  const find = async (tenant: string, id: string): Promise<Dataset> => {
    const dataset = await datasets.find(tenant, id)
    if (!dataset) throw notFound(id)
    return dataset
  }

  const describeSmall = (dataset: Dataset): Promise<DatasetResource> | DatasetResource =>
    dataset.rows * dataset.columns.length <= smallTable ? describe(dataset) : toDatasetResource(dataset)

  /** The resource; computes and keeps statistics that nobody asked for before, once for all who ask at the same time. */
  const describe = async (dataset: Dataset): Promise<DatasetResource> => {
    if (isDescribed(dataset) || !dataset.spec) return toDatasetResource(dataset)
    const known = describing.get(dataset.id) ?? columnsOf(dataset.spec)
    describing.set(dataset.id, known)
    try {
      const columns = await known
      await datasets.saveColumns(dataset, columns)
      return toDatasetResource({ ...dataset, columns })
    } finally {
      describing.delete(dataset.id)
    }
  }

  const columnsOf = async (spec: SyntheticSpec): Promise<StoredColumn[]> => {
    const answer = await generator.ask({ spec })
    return 'columns' in answer ? answer.columns : []
  }

  return { createFromJson, createFromFile, list, get, remove }
}

export type DatasetService = ReturnType<typeof createDatasetService>

/** A dataset on its way out: wide tables are not read and written again. */
type ShownResource = Omit<DatasetResource, 'columns'> & { columns: JsonText }

const notFound = (id: string): Problem => new Problem('NOT_FOUND', `There is no dataset ${id}`)

const upload = (
  about: Pick<NewDataset, 'id' | 'tenant' | 'format' | 'csv'>,
  { columns, rows, contentHash, notes = [], badRows = null, storedBytes = 4 * rows * columns.length }: TableSummary,
  { inputShape = [], missing, ...options }: UploadOptions,
): NewDataset => ({
  ...about,
  kind: 'upload',
  spec: null,
  columns,
  rows,
  contentHash,
  notes,
  badRows,
  missing: missing ?? null,
  storedBytes,
  inputShape,
  ...filingOf(options),
})
