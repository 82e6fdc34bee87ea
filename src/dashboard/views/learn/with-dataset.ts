import { type Config, isObject, type Json } from '../new-job/draft.ts'

/** The body with the id in the place of `$DATASET`. */
export const withDataset = (body: Config, id: string | undefined): Config =>
  Object.fromEntries(Object.entries(body).map(([name, value]) => [name, replace(value, id)]))

const replace = (value: Json, id: string | undefined): Json => {
  if (value === '$DATASET') return id ?? value
  if (Array.isArray(value)) return value.map((item) => replace(item, id))
  return isObject(value) ? withDataset(value, id) : value
}
