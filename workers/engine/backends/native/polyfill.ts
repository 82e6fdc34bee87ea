import util from 'node:util'

/**
 * Gives `node:util` back two functions that Node 23 removed and that tfjs-node 4.22.0 calls in every operation. Must run
 * before the package is imported; does nothing if they still exist.
 */
export const restoreRemovedUtilities = (): void => {
  const legacy: Record<string, unknown> = util as unknown as Record<string, unknown>
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  legacy.isArray ??= Array.isArray
}
