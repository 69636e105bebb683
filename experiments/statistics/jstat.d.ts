/** The part of jStat that is used; the package brings no types. */
declare module "jstat" {
  const jstat: {
    normal: {
      inv(probability: number, mean: number, deviation: number): number;
      cdf(value: number, mean: number, deviation: number): number;
    };
    gammaln(value: number): number;
  };
  export default jstat;
}
