/** `client.uploads`: files that come in parts and are no datasets yet; `client.datasets.upload` sends them, and goes on with one by its id. */
import { segment } from '../http/query.ts'
import type { CallOptions, Transport } from '../http/transport.ts'
import type { Upload, UploadQuery } from '../types.ts'

export const createUploads = (transport: Transport) => {
  const path = (id: string): string => `/v1/uploads/${segment(id)}`

  /** Those that are open, newest first. */
  const list = async (query: UploadQuery = {}, options: CallOptions = {}): Promise<Upload[]> =>
    (await transport.json<{ data: Upload[] }>('GET', '/v1/uploads', { ...options, query })).data

  /** One with the parts that are there. */
  const get = (id: string, options: CallOptions = {}): Promise<Upload> => transport.json('GET', path(id), options)

  /** Gives it up. @throws ConflictError while a dataset is made of it */
  const remove = (id: string, options: CallOptions = {}): Promise<void> => transport.json('DELETE', path(id), options)

  return { list, get, delete: remove }
}
