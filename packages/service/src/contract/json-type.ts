/** What the compiler knows of JSON. */

/**
 * What JSON can carry of a type: the type itself where it can carry all of it. What has methods, such as a Date,
 * cannot travel; `unknown` may.
 */
export type JsonOf<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends bigint | symbol | ((...given: never) => unknown)
      ? never
      : { [K in keyof T]: JsonOf<T[K]> };

/** The members of a type that are named one by one, in any of its alternatives. */
export type NamedKey<T> = T extends unknown
  ? keyof {
      [
        K in keyof T as string extends K
          ? never
          : number extends K
            ? never
            : symbol extends K
              ? never
              : K
      ]: never;
    }
  : never;
