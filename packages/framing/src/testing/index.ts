/**
 * `@wireline/framing/testing`: the verifier that this package's own decoders pass, for yours.
 *
 * {@link verifyDecoder} runs a decoder over streams cut in every way that is worth trying and throws a
 * {@link DecoderVerificationError} that names the smallest one that breaks. It works under any test runner.
 */
export type {
  DecoderCase,
  ExpectedError,
  ExpectedResult,
  FramesCase,
  ResultsCase,
} from './cases.ts';
export { DecoderVerificationError } from './fault.ts';
export { verifyDecoder, type VerifyDecoderOptions } from './verifier.ts';
