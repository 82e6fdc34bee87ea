/**
 * Threefry-2x32 with 20 rounds, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random
 * Numbers: As Easy as 1, 2, 3" (SC'11), as in Random123 and JAX: a pure function from a key and a counter to 64
 * random bits.
 */

const parity = 0x1bd11bda

/** Encrypts the counter `(x0, x1)` under the key `(k0, k1)`; writes two unsigned 32-bit words to `out` at `offset`. */
export const threefry2x32 = (k0: number, k1: number, x0: number, x1: number, out: Uint32Array, offset = 0): void => {
  const k2 = k0 ^ k1 ^ parity
  let a = (x0 + k0) | 0
  let b = (x1 + k1) | 0
  for (let group = 0; group < 5; group += 1) {
    if (group % 2 === 0) {
      a = (a + b) | 0
      b = rotateLeft(b, 13) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 15) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 26) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 6) ^ a
    } else {
      a = (a + b) | 0
      b = rotateLeft(b, 17) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 29) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 16) ^ a
      a = (a + b) | 0
      b = rotateLeft(b, 24) ^ a
    }
    // The key is injected in turn: (k1, k2), (k2, k0), (k0, k1), …, with the number of the injection.
    const turn = group % 3
    a = (a + (turn === 0 ? k1 : turn === 1 ? k2 : k0)) | 0
    b = (b + (turn === 0 ? k2 : turn === 1 ? k0 : k1) + group + 1) | 0
  }
  out[offset] = a
  out[offset + 1] = b
}

const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
