/** After so long without a word a worker counts as gone, in seconds. */
export const workerGoneSeconds = 30
