/** Says what keeps a URL from being told of events. */
import type { ValidationError } from '../../contracts/error-codes.ts'
import type { OutboundError } from '../../platform/outbound/outbound-error.ts'
import { shown } from '../../validation/validation-errors.ts'

export type UrlErrors = (url: string, path: string) => ValidationError[]

/** `check` throws an OutboundError for a URL that nothing may be sent to. Names are not looked up before something is sent. */
export const createUrlErrors =
  (check: (url: string) => unknown): UrlErrors =>
  (url, path) => {
    try {
      check(url)
      return []
    } catch (error) {
      if (!isOutboundError(error)) throw error
      return [{ path, code: error.code, message: error.message, ...shown(withoutUser(url)) }]
    }
  }

/** By its name: no class of an adapter is known here. */
const isOutboundError = (error: unknown): error is OutboundError => error instanceof Error && error.name === 'OutboundError'

/** A password is not repeated. */
const withoutUser = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//')
