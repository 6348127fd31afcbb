// Values that are compared by what they hold.

/**
 * Whether two values are the same as JSON.
 * @param {unknown} one
 * @param {unknown} other
 */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
