import { expect, test } from 'vitest';
import { runCampaign, type CampaignOptions, type Progress } from './campaign.ts';

test('the same seed gives the same inputs', () => {
  const progress = last({ seed: 7, inputs: 1 });
  expect(last({ seed: 7, inputs: 1 })).toEqual(progress);
  expect(last({ seed: 8, inputs: 1 })).not.toEqual(progress);
});

test('it ends with the batch that has inputs enough, and all subjects have their turn', () => {
  const seeds = new Map<number, string>();
  const onRun: CampaignOptions['onRun'] = ({ name }, seed) => void seeds.set(seed, name);
  const { inputs } = last({ seed: 2 ** 31 - 1, inputs: 2000, onRun });
  expect(inputs).toBeGreaterThanOrEqual(2000);
  expect(inputs).toBeLessThan(4000);
  expect([...seeds].slice(0, 3)).toEqual([
    [2 ** 31 - 1, 'streams'],
    [0, 'streams'],
    [1, 'messages'],
  ]);
});

test('one property, or one run of it', () => {
  const { counts } = last({ seed: 1, inputs: 1000, property: 'messages' });
  expect(counts['encoded written']).toBeGreaterThan(0);
  expect(counts['decoded json']).toBe(0);
  const runs: number[] = [];
  last({
    seed: 1,
    inputs: 1000,
    property: 'messages',
    path: '3',
    onRun: (_, seed, run) => void runs.push(seed, run),
  });
  expect(runs).toEqual([1, 3]);
});

function last(options: CampaignOptions): Progress {
  const progress = [...runCampaign(options)].at(-1);
  if (progress === undefined) throw new Error('no batch was run');
  return progress;
}
