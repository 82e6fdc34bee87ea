/** Puts imports together: what is asked for, and what fetches it. */

import { Problem } from './contracts/error-codes.ts'
import type { DatasetService } from './features/datasets/dataset.service.ts'
import type { NewId } from './features/ids.ts'
import type { ImportRepository } from './features/imports/import.repository.ts'
import { createImportService } from './features/imports/import.service.ts'
import { createImportRunner } from './features/imports/import-runner.ts'
import type { AskZstd } from './http/bodies/content-encoding.ts'
import { createFileStore } from './http/file-store.ts'
import { createJsonFileStore } from './http/json-file-store.ts'
import { fileTask, isJsonFile, servedFileTask } from './http/routes/dataset-uploads.ts'
import type { Notifications } from './platform/db/notifications.ts'
import { isDatabaseUnavailable } from './platform/db/unavailable.ts'
import type { OutboundHttp } from './platform/outbound/outbound-http.ts'

type Collaborators = {
  imports: ImportRepository
  notifications: Notifications
  newId: NewId
  datasets: DatasetService
  /** Bytes of JSON, and of any other file. */
  bodyLimit: number
  fileLimit: number
  askZstd: AskZstd
  /** Hosts that files may come from; none: imports are off. */
  hosts: readonly string[]
  outbound: OutboundHttp
  onError: (error: unknown) => void
}

export const composeImports = ({
  imports,
  notifications,
  newId,
  datasets,
  bodyLimit,
  fileLimit,
  askZstd,
  hosts,
  outbound,
  onError,
}: Collaborators) => {
  const isOn = hosts.length > 0
  const storeFile = createFileStore({ datasets, fileLimit, askZstd })
  const json = createJsonFileStore({ datasets, bodyLimit, askZstd })
  const runner = createImportRunner({
    imports,
    notifications,
    isOn,
    fetchFile: (url, limits, signal) =>
      outbound.open({ url, ...limits, signal, maxBytes: fileLimit, allowedHosts: hosts, headers: { 'accept-encoding': 'gzip, zstd' } }),
    store: (tenant, { bytes, contentType, contentEncoding, options, ...served }, insertion) => {
      if (isJsonFile(contentType, served)) return json.store(tenant, { bytes, contentEncoding, options }, { ...insertion, onError })
      const task = contentType === null ? servedFileTask(served, options) : fileTask(contentType, options)
      return storeFile(tenant, { bytes, contentEncoding, task }, { ...insertion, onError })
    },
    mayPass: (error) => isDatabaseUnavailable(error) || (error instanceof Problem && error.code === 'UNAVAILABLE'),
    onError,
  })
  const service = createImportService({
    imports,
    notifications,
    newId,
    isOn,
    look: runner.look,
    checkUrl: (url) => outbound.check(url, hosts),
  })
  const close = async (): Promise<void> => {
    await runner.close()
    await json.close()
  }
  return { service, close }
}
