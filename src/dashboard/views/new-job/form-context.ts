/** What every field of the form shares: the catalog, the config, how to change it, and what is wrong with it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Catalog, ValidationError } from '../../api/types.ts'
import { type Config, type Json, type Path, pointerOf, valueAt } from './draft.ts'

export type FormState = { catalog: Catalog; config: Config; errors: ValidationError[]; set: (path: Path, value: Json | undefined) => void }

export const FormContext = createContext<FormState | undefined>(undefined)

/** @throws outside of a form */
export const useForm = (): FormState => {
  const form = useContext(FormContext)
  if (!form) throw new Error('there is no form around this field')
  return form
}

/** The value at a path and how to change it; `error` tells what is wrong there, with `deep` also below it. */
export const useField = (path: Path, deep = false) => {
  const { config, errors, set } = useForm()
  const pointer = pointerOf(path)
  const fitting = errors.filter((error) => error.path === pointer || (deep && error.path.startsWith(`${pointer}/`)))
  return {
    value: valueAt(config, path),
    set: (value: Json | undefined) => set(path, value),
    error: fitting.length > 0 ? fitting.map(({ message }) => message).join('; ') : undefined,
  }
}
