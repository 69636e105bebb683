/** Sums over the users of one arm: all that a mean, its variance and their adjustment need. */
export interface Moments {
  readonly users: number;
  /** Of each user's outcome since the first exposure. */
  readonly sum: number;
  readonly squares: number;
  /** Of the same quantity before the first exposure, and of its product with the outcome. */
  readonly before: number;
  readonly beforeSquares: number;
  readonly products: number;
}

export const NO_USERS: Moments = {
  users: 0,
  sum: 0,
  squares: 0,
  before: 0,
  beforeSquares: 0,
  products: 0,
};

/** The moments of two groups of users together. */
export function together(one: Moments, other: Moments): Moments {
  return {
    users: one.users + other.users,
    sum: one.sum + other.sum,
    squares: one.squares + other.squares,
    before: one.before + other.before,
    beforeSquares: one.beforeSquares + other.beforeSquares,
    products: one.products + other.products,
  };
}

/** Mean of the outcome by user; 0 without users. */
export function meanOf({ users, sum }: Moments): number {
  return users === 0 ? 0 : sum / users;
}

/** Variance of the outcome that the activity before does not foretell. */
export function residualVariance(moments: Moments): number {
  const before = varianceBefore(moments);
  return variance(moments) - (before > 0 ? covarianceWithBefore(moments) ** 2 / before : 0);
}

/** Sample variance of the outcome; 0 for fewer than two users. */
export function variance({ users, sum, squares }: Moments): number {
  return covariance(users, sum, sum, squares);
}

/** Sample variance of the activity before. */
export function varianceBefore({ users, before, beforeSquares }: Moments): number {
  return covariance(users, before, before, beforeSquares);
}

/** Sample covariance of outcome and activity before. */
export function covarianceWithBefore({ users, sum, before, products }: Moments): number {
  return covariance(users, sum, before, products);
}

function covariance(users: number, one: number, other: number, products: number): number {
  if (users < 2) return 0;
  const value = (products - (one * other) / users) / (users - 1);
  // What is left of equal sums after rounding is no variance.
  return Math.abs(value) < 1e-12 * Math.abs(products) ? 0 : value;
}
