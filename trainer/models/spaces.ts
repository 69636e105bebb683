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
  "radial-autoencoder": {
    rank: [32, 64, 128, 192, 256],
    lambda: [25, 50, 100, 200, 400, 800],
    emphasis: [0.2, 0.33, 0.5, 0.65],
    activityDamping: [0, 0.25, 0.5, 0.75],
    units: [64, 128, 256, 512, 1024],
    sharpness: [1, 1.5, 2, 2.5, 3],
    ridge: [0.3, 0.7, 1.5, 3, 6],
    outputs: [32, 64, 128, 192, 256],
    linearShare: [0.4, 0.55, 0.7, 0.85],
    popularityDamping: [0, 0.025, 0.05, 0.1],
  },
};
