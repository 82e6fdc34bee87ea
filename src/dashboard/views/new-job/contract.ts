/** What the form knows beside the catalog: options of the other parts of a config, out of openapi.json, and the examples; the build puts them here. */
import type { CatalogOption } from '../../api/types.ts'
import type { Config } from './draft.ts'

export type Options = Record<string, CatalogOption>

declare const __JOB_FORM__: { parts: Record<string, Options>; examples: { name: string; config: Config }[] }

const { parts, examples: bundled } = __JOB_FORM__

/** Configs of jobs to start from, by name. */
export const examples = bundled

/** The options of a part of a config, such as `training`; of all of it, those that are no parts. */
export const partOptions = (part: string): Options => parts[part] ?? {}
