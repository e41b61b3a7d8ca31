declare const microsBrand: unique symbol
declare const numeratorBrand: unique symbol

/** Whole micro-USDC (10⁻⁶ USDC), never negative, at most uint64. */
export type Micros = bigint & { readonly [microsBrand]: true }

/** Price × effective milliseconds, in µ·ms per minute: 60 000 numerator make 1 µUSDC. Never negative, at most uint64. */
export type Numerator = bigint & { readonly [numeratorBrand]: true }
