/** `fields=`: answers with some fields of a resource. */
import type { TObject, TSchema } from 'typebox'
import type { Page } from '../api/page.schema.ts'
import { JsonText } from '../api/write-json.ts'
import { ref } from '../catalog/ref.ts'
import { Problem } from '../contracts/error-codes.ts'
import { answer } from './schemas.ts'

/** Of an answer with some fields: it is not the resource, and whoever generates a client from the document gets whole ones. */
export const someFieldsType = 'application/vnd.trainyard.fields+json'

/** An answer that is whole, or has only the fields that were asked for. */
export const wholeOrSome = (description: string, whole: TSchema, some: TSchema, headers?: Parameters<typeof answer>[2]) => {
  const { content, ...rest } = answer(description, ref(whole), headers)
  return { ...rest, content: { ...content, [someFieldsType]: { schema: ref(some) } } }
}

/** Takes the named fields out of a resource of this schema; all if none are named. @throws Problem VALIDATION_FAILED */
export const fieldsChooser = ({ properties }: TObject, asked: string | undefined) => {
  if (asked === undefined) return <Resource>(resource: Resource): Resource => resource
  const names = asked.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !Object.hasOwn(properties, name))
  if (unknown.length > 0)
    throw new Problem(
      'VALIDATION_FAILED',
      undefined,
      unknown.slice(0, 20).map((value) => ({
        ...{ path: '/fields', code: 'enum', value },
        message: `"${value}" is none of the fields ${Object.keys(properties).join(', ')}`,
      })),
    )
  const wanted = new Set(names)
  return <Resource>(resource: Resource): Resource => {
    const whole: unknown = resource instanceof JsonText ? resource.toJSON() : resource
    return Object.fromEntries(Object.entries(whole as object).filter(([name]) => wanted.has(name))) as Resource
  }
}

/** The same for each entry of a page. */
export const choosePage = <Item>(page: Page<Item>, choose: (item: Item) => Item): Page<Item> => ({ ...page, data: page.data.map(choose) })
