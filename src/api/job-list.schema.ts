/** Lists of jobs: filters, order and pages. */
import { Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type JobStatus, jobStatuses } from '../contracts/lifecycle.ts'
import { rankedMetrics } from './curve.schema.ts'
import { exampleJob, JobSchema, sortedValues, statusSchema } from './job.schema.ts'
import { metadataPatterns } from './metadata.schema.ts'
import { cursorTitle, fieldsQuery, type PageRequest, pageOf, pageQuery } from './page.schema.ts'

export const JobPageSchema = pageOf(ref(JobSchema), {
  $id: 'JobPage',
  description: 'A page of jobs.',
  examples: [{ data: [exampleJob], hasMore: false, nextCursor: null }],
})

/** What a page of jobs is asked for. */
export type JobPageRequest = PageRequest & { sort?: string }

const metrics = [...rankedMetrics.keys()]
/** The metrics and their values, as parts of a pattern. */
const [metric, value] = [`-?(${metrics.join('|')})`, `\\.(${sortedValues.join('|')})`]

/** Filters of the list of jobs; `metadata[key]=value` may come several times. */
export const jobListQuery = Type.Unsafe<Record<string, unknown> & JobPageRequest & { status?: JobStatus[]; fields?: string }>({
  ...Type.Object({
    ...pageQuery('job'),
    after: Type.Optional(
      Type.String({
        pattern: `^job_[0-9a-z]{26}(\\.[0-9a-f]{16}\\.${metric}${value})?$`,
        title: cursorTitle,
        description: "The previous page's nextCursor: goes on after it, in the same order.",
      }),
    ),
    sort: Type.Optional(
      Type.String({
        pattern: `^${metric}(${value})?$`,
        title: `one of ${metrics.join(', ')}, with "-" before it or not, and ${sortedValues.map((one) => `.${one}`).join(', ')} or nothing behind it`,
        description:
          'By the best value of a number of the epochs, the smallest first, or with `-` before it the largest. With `.min` or `.max` behind it by the smallest or the largest value, with `.last` by that of the last epoch. ' +
          'Jobs without a finite value are left out. With any filter the newest 10,000 jobs that meet it are sorted.',
        examples: ['validationLoss', '-accuracy.last'],
      }),
    ),
    ...fieldsQuery(JobSchema),
    status: Type.Optional(
      Type.Array(ref(statusSchema), {
        minItems: 1,
        maxItems: jobStatuses.length,
        description: 'Only jobs of this status, or of one of them if it is given several times.',
      }),
    ),
  }),
  patternProperties: metadataPatterns,
  additionalProperties: false,
})
