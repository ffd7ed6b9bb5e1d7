/** ms since the epoch; handed in so that tests can let hours pass. */
export type Clock = () => number;
