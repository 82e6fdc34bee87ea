/** What goes over the pipe between a worker and its child processes, in structured-clone form. */

/** One call; answered with the same number. Calls are made one at a time or answered in any order. */
export type CallMessage = { id: number; method: string; argument: unknown }

/** A failure as it travels: `code` is one of the job error or problem codes if the child knew one. */
export type FailureMessage = { name: string; message: string; code?: string; stack?: string }

/** What a child sends: that it has loaded, or the answer to a call. */
export type ChildMessage = { ready: true } | { id: number; ok: true; value: unknown } | { id: number; ok: false; error: FailureMessage }

/** Methods of a child by name: what each takes and gives. */
export type Methods = Record<string, { argument: unknown; value: unknown }>
