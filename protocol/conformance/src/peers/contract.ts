/** The contract of the conformance application: the table of the specification's last section. */
import { searchContract } from '@wireline/search';
import { defineContract } from '@wireline/service/contract';
import * as v from 'valibot';

/** A number of things, or of milliseconds. */
const amount = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const numbered = v.object({ n: v.pipe(v.number(), v.safeInteger()) });

/** What can be asked. Bytes without an action are not in it: no contract describes them. */
export const conformanceContract = defineContract({
  ...searchContract,
  wait: { request: v.object({ ms: amount }), response: v.object({ waited: amount }) },
  stop: { request: v.object({}), response: v.object({}) },
  stopped: { request: v.object({}), response: v.object({ stopped: amount }) },
  count: {
    request: v.object({ to: amount }),
    responseParts: numbered,
    response: v.object({ counted: amount }),
  },
  fail: { request: v.object({ after: amount }), responseParts: numbered },
  bytes: { request: v.object({ length: amount }), responseParts: 'bytes' },
  sum: {
    request: v.object({}),
    requestParts: numbered,
    response: v.object({ sum: v.number() }),
  },
  measure: {
    request: v.object({ name: v.string() }),
    requestParts: 'bytes',
    response: v.object({ name: v.string(), length: amount, sum: amount }),
  },
});
