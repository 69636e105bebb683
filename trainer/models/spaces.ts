/**
 * What can be tuned: for each setting the values worth trying, in order of size. Few and far apart,
 * so that a few minutes reach a good part of them.
 */

/** Setting to its values. */
export type Space = Readonly<Record<string, readonly number[]>>;

/** By the name of the model; one that is not here chooses its settings itself, in its fit. */
export const SPACES: Readonly<Record<string, Space>> = {
  "linear-autoencoder": {
    dimensions: [64, 128, 256, 512],
    batchSize: [32, 64, 128, 250],
    learningRate: [0.01, 0.02, 0.05, 0.1, 0.2],
    dropout: [0.1, 0.3, 0.5, 0.7],
  },
};
