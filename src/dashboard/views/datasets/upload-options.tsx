/** What can be said of a file before it is uploaded; mostly nothing has to be. */
import { Field } from '../../components/field.tsx'
import type { UploadOptions } from './upload-file.ts'

/** The texts of the fields. */
export type OptionTexts = { labels: string; missing: string; delimiter: string; decimal: string; header: string; badRows: string }

export const noOptions: OptionTexts = { labels: '', missing: '', delimiter: '', decimal: '', header: '', badRows: '' }

/** What the fields say; those that are empty say nothing. */
export const readOptions = ({ labels, missing, delimiter, decimal, header, badRows }: OptionTexts): UploadOptions => ({
  ...(labels.trim() && { labels: split(labels) }),
  ...(missing.trim() && { missing: split(missing) }),
  ...(delimiter && { delimiter }),
  ...(decimal && { decimal }),
  ...(header && { header: header === 'true' }),
  ...(badRows.trim() && { badRows: { max: Number(badRows) } }),
})

export const OptionFields = ({ texts, onChange }: { texts: OptionTexts; onChange: (texts: OptionTexts) => void }) => {
  const set = (changes: Partial<OptionTexts>): void => onChange({ ...texts, ...changes })
  return (
    <div class="upload-options">
      <Field label="Label columns" hint="Names, separated by commas; can be chosen later too.">
        {(field) => <input {...field} value={texts.labels} onInput={(event) => set({ labels: event.currentTarget.value })} />}
      </Field>
      <Field label="Missing values" hint="Texts that stand for no value, in place of NA, null, ? …">
        {(field) => (
          <input {...field} placeholder="NA, -999" value={texts.missing} onInput={(event) => set({ missing: event.currentTarget.value })} />
        )}
      </Field>
      <Field label="Bad rows" hint="May be left out: how many, or a share below 1.">
        {(field) => (
          <input
            {...field}
            inputMode="decimal"
            placeholder="none"
            value={texts.badRows}
            onInput={(event) => set({ badRows: event.currentTarget.value })}
          />
        )}
      </Field>
      {choices.map(({ name, label, options }) => (
        <Field key={name} label={label}>
          {(field) => (
            <select {...field} value={texts[name]} onChange={(event) => set({ [name]: event.currentTarget.value })}>
              <option value="">found out</option>
              {options.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
      ))}
    </div>
  )
}

const choices: { name: 'header' | 'delimiter' | 'decimal'; label: string; options: [string, string][] }[] = [
  {
    name: 'header',
    label: 'First line of a CSV',
    options: [
      ['true', 'names of the columns'],
      ['false', 'data'],
    ],
  },
  {
    name: 'delimiter',
    label: 'Cells are separated by',
    options: [
      [',', 'comma'],
      [';', 'semicolon'],
      ['tab', 'tab'],
      ['|', '|'],
      [' ', 'space'],
    ],
  },
  {
    name: 'decimal',
    label: 'Decimal mark',
    options: [
      ['.', 'point'],
      [',', 'comma'],
    ],
  },
]

const split = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
