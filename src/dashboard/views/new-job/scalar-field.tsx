/** Fields for options that are one value: chosen from some, or written. */
import { useEffect, useState } from 'preact/hooks'
import type { CatalogOption } from '../../api/types.ts'
import { Field } from '../../components/field.tsx'
import type { Json, Path } from './draft.ts'
import { useField } from './form-context.ts'
import { rangeOf, readValue, writeValue } from './option-text.ts'

type Props = { name: string; path: Path; option: CatalogOption }

export const ScalarField = (props: Props) => {
  const { type, enum: choices } = props.option
  const types = [type].flat()
  return types.length === 1 && (choices || types[0] === 'boolean') ? <Choice {...props} /> : <TextField {...props} />
}

const Choice = ({ name, path, option }: Props) => {
  const { value, set, error } = useField(path, true)
  const choices: Json[] = option.enum ?? [true, false]
  const known = value === undefined || choices.includes(value)
  return (
    <Field label={name} hint={hintOf(option)} error={error}>
      {(field) => (
        <select
          {...field}
          value={value === undefined ? '' : JSON.stringify(value)}
          onChange={(event) => set(event.currentTarget.value === '' ? undefined : JSON.parse(event.currentTarget.value))}
        >
          <option value="">{defaultText(option)}</option>
          {!known && <option value={JSON.stringify(value)}>{writeValue(value)}</option>}
          {choices.map((choice) => (
            <option key={String(choice)} value={JSON.stringify(choice)}>
              {String(choice)}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

const TextField = ({ name, path, option }: Props) => {
  const { value, set, error } = useField(path, true)
  const [text, setText] = useState(writeValue(value))
  // A text that means the value stays as it was typed: 0. is 0 on its way to 0.5.
  useEffect(() => {
    if (JSON.stringify(readValue(text, option)) !== JSON.stringify(value)) setText(writeValue(value))
  }, [JSON.stringify(value)])
  return (
    <Field label={name} hint={hintOf(option)} error={error}>
      {(field) => (
        <input
          {...field}
          inputMode={['number', 'integer'].includes(String(option.type)) ? 'decimal' : 'text'}
          autocomplete="off"
          spellcheck={false}
          placeholder={option.default === undefined ? '' : writeValue(option.default as Json)}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value)
            set(readValue(event.currentTarget.value, option))
          }}
        />
      )}
    </Field>
  )
}

const defaultText = (option: CatalogOption): string => {
  if (option.default !== undefined) return `default: ${writeValue(option.default as Json)}`
  return option.required ? 'choose …' : 'not given'
}

/** Its description, range and whether it is needed. */
const hintOf = (option: CatalogOption): string => {
  const range = rangeOf(option)
  const details = [range, option.required ? 'required' : ''].filter((part) => part !== '').join(', ')
  const text = option.description.replaceAll('`', '')
  return details === '' ? text : `${text} (${details})`
}
