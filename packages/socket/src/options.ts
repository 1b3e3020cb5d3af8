/** The options have moved: this file goes when nothing imports it any more. */
export * from './options/index.ts';
