/** Which datasets are listed, by when they were made; kept in the address, so that a link shows the same. */
import { Field } from '../../components/field.tsx'
import { useSearch } from '../../router.ts'

/** Bounds of the list that the address asks for; days are those of whoever looks. */
export const boundsOf = (search: URLSearchParams): { createdAfter?: string; createdBefore?: string } => {
  const [from, until] = [startOf(search.get('from'), 0), startOf(search.get('until'), 1)]
  return { ...(from && { createdAfter: from }), ...(until && { createdBefore: until }) }
}

export const Filters = () => {
  const [search, change] = useSearch()
  return (
    <search>
      <div class="filters">
        {bounds.map(({ name, label }) => (
          <Field key={name} label={label}>
            {(field) => (
              <input
                {...field}
                type="date"
                value={search.get(name) ?? ''}
                onChange={(event) => change({ [name]: event.currentTarget.value, after: undefined })}
              />
            )}
          </Field>
        ))}
        {bounds.some(({ name }) => search.has(name)) && (
          <button type="button" class="button quiet" onClick={() => change({ from: undefined, until: undefined, after: undefined })}>
            Clear
          </button>
        )}
      </div>
    </search>
  )
}

const bounds = [
  { name: 'from', label: 'Made from' },
  { name: 'until', label: 'until' },
]

/** Midnight at which a day begins, or ends if `days` is 1; undefined if it is none. */
const startOf = (day: string | null, days: number): string | undefined => {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? []
  return year === undefined ? undefined : new Date(Number(year), Number(month) - 1, Number(date) + days).toISOString()
}
