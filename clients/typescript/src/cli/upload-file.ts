/** A table on its way to the service, with a bar in a terminal. */
import type { UploadFileOptions } from '../resources/uploader.ts'
import type { Dataset } from '../types.ts'
import type { Context } from './context.ts'
import { bytes } from './format.ts'
import { createProgressBar } from './progress-bar.ts'

/** `-` is standard input. */
export const uploadFile = async (file: string, options: UploadFileOptions, { client }: Context, signal: AbortSignal): Promise<Dataset> => {
  const bar = createProgressBar()
  const onProgress: UploadFileOptions['onProgress'] = ({ sentBytes, totalBytes }) =>
    bar.show(totalBytes ? sentBytes / totalBytes : 0, `${bytes(sentBytes)}${totalBytes ? ` of ${bytes(totalBytes)}` : ''} sent`)
  const source = file === '-' ? process.stdin : file
  return client.datasets.upload(source, { ...options, signal, onProgress }).finally(bar.clear)
}

/** Names separated by commas. */
export const names = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
