/** Bytes as whole MiB, rounded up, as messages tell of memory. */
export const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)
