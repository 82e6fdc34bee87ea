/** Resources of which only some fields were asked for. */
import { type TObject, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { DatasetPageSchema, DatasetSchema } from './dataset.schema.ts'
import { JobPageSchema, JobSchema } from './job.schema.ts'
import { pageOf } from './page.schema.ts'
import { SweepPageSchema, SweepSchema, SweepSummarySchema } from './sweep.schema.ts'

/** A resource, its page, and what they come to if only some fields are asked for. */
const selectable = (name: string, what: string, whole: TObject, page: TObject, entry: TObject = whole) => {
  const some = Type.Partial(whole, { $id: `${name}Fields`, description: `Those fields of ${what} that \`fields\` named.` })
  const someEntry =
    entry === whole
      ? some
      : Type.Partial(entry, { $id: `${name}EntryFields`, description: `Those fields of ${what} in a list that \`fields\` named.` })
  const somePage = pageOf(ref(someEntry), {
    $id: `${name}FieldsPage`,
    description: `A page of those fields of ${what} that \`fields\` named.`,
  })
  return { whole, entry, page, some, somePage, schemas: [...new Set([some, someEntry, somePage])] }
}

export const jobFields = selectable('Job', 'a job', JobSchema, JobPageSchema)
export const datasetFields = selectable('Dataset', 'a dataset', DatasetSchema, DatasetPageSchema)
export const sweepFields = selectable('Sweep', 'a sweep', SweepSchema, SweepPageSchema, SweepSummarySchema)

export const someFieldsSchemas = [...jobFields.schemas, ...datasetFields.schemas, ...sweepFields.schemas]
