/** Plain data whose arrays lie in memory that threads share. */

/** Any typed array that travels with a model or a matrix. */
export type NumberArray = Float32Array | Uint32Array | Int32Array | Int8Array | Uint8Array;

/** A copy of nested plain data in which every typed array has been replaced; `path` tells them apart. */
export function mapArrays<T>(
  value: T,
  replace: (array: NumberArray, path: string) => unknown,
  path = "",
): T {
  if (ArrayBuffer.isView(value)) return replace(value as unknown as NumberArray, path) as T;
  if (typeof value !== "object" || value === null) return value;
  const below = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (Array.isArray(value)) {
    return value.map((each, at) => mapArrays(each, replace, below(`${at}`))) as T;
  }
  const entries = Object.entries(value).map(([name, each]) => [
    name,
    mapArrays(each, replace, below(name)),
  ]);
  return Object.fromEntries(entries) as T;
}

/** The same data with its arrays in shared memory; those that are there already are not copied. */
export function shareArrays<T>(value: T): T {
  return mapArrays(value, (array) => {
    if (array.buffer instanceof SharedArrayBuffer) return array;
    const shared = sharedLike(array, array.length);
    shared.set(array);
    return shared;
  });
}

/** An array of zeros in shared memory, of the same type as another. */
export function sharedLike<A extends NumberArray>(array: A, length: number): A {
  const make = array.constructor as new (buffer: SharedArrayBuffer) => A;
  return new make(new SharedArrayBuffer(length * array.BYTES_PER_ELEMENT));
}
