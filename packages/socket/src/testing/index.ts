/**
 * `@wireline/socket/testing`: a kernel that follows a script and a clock that is moved by hand, for tests
 * of what real sockets do rarely.
 */
export { ManualClock } from './manual-clock.ts';
export {
  ScriptedKernel,
  type MadeCall,
  type ScriptedAnswer,
  type ScriptedBeside,
  type ScriptedCall,
  type ScriptedEvent,
  type ScriptedKernelOptions,
  type ScriptedStep,
} from './scripted-kernel.ts';
