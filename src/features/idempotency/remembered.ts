/** How long the answer to an Idempotency-Key is remembered. */
export const rememberedHours = 24
