import { readJson } from './json/upload.ts'
import type { BodyFormat } from './upload-format.ts'

export const json: BodyFormat = {
  name: 'json',
  kind: 'body',
  mediaTypes: ['application/json'],
  extensions: ['json'],
  description: 'JSON rows, JSON arrays or a synthetic spec',
  read: readJson,
}
