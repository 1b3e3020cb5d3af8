import { describe, expect, test } from 'vitest';
import { turns, uncaughtDuring } from '../../test/uncaught.ts';
import { TurnEnd, type TurnTask } from './turn-end.ts';

/** A task that notes when it runs. */
function noting(log: string[], name: string): TurnTask {
  return { run: () => log.push(name) };
}

describe('in a turn', () => {
  test('tasks run in the order in which they were asked for, and once for each time', () => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    const [a, b] = [noting(log, 'a'), noting(log, 'b')];
    end.begin();
    for (const task of [a, b, a]) end.add(task);
    expect(log).toEqual([]);
    end.run();
    expect(log).toEqual(['a', 'b', 'a']);
    end.run();
    expect(log, 'and are forgotten').toEqual(['a', 'b', 'a']);
  });

  test('a task that is asked for while the tasks run is not lost', async () => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    const late = noting(log, 'late');
    const again = {
      run: () => {
        log.push('again');
        end.add(late);
        if (log.length < 3) end.add(again);
      },
    };
    end.begin();
    end.add(again);
    end.run();
    expect(log).toEqual(['again']);
    await turns(2);
    expect(log).toEqual(['again', 'late', 'again', 'late']);
  });

  test('tasks that throw keep nobody from running; each error is reported', async () => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    const broken = [1, 2].map((number) => new Error(`task ${number}`));
    const errors = await uncaughtDuring(async () => {
      end.begin();
      for (const error of broken) {
        end.add({
          run: () => {
            throw error;
          },
        });
        end.add(noting(log, 'whole'));
      }
      end.run();
      expect(log).toEqual(['whole', 'whole']);
      await turns(3);
    });
    expect(errors).toEqual(broken);
  });
});

describe('outside of a turn', () => {
  /** A chain of promises, the first of which asks for `task`. */
  async function answers(end: TurnEnd, log: string[], task: TurnTask): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await Promise.resolve();
      log.push('job');
      if (i === 0) end.add(task);
    }
  }

  const EXPECTED = ['job', 'job', 'job', 'job', 'job', 'task'];

  test('asked for by a promise: after the last of its fellows', async () => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    void answers(end, log, noting(log, 'task'));
    await turns();
    expect(log).toEqual(EXPECTED);
  });

  test.each([
    ['a timer', (run: () => void) => setTimeout(run, 0)],
    ['an immediate', (run: () => void) => setImmediate(run)],
    ['a tick', (run: () => void) => process.nextTick(run)],
  ])('asked for by %s: after all promise jobs too', async (_, later) => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    const task = noting(log, 'task');
    await new Promise<void>((resolve) => {
      later(() => {
        void answers(end, log, task);
        setImmediate(resolve);
      });
    });
    await turns();
    expect(log).toEqual(EXPECTED);
  });

  test('in time for the turn of the loop: before any timer or immediate', async () => {
    const [end, log]: [TurnEnd, string[]] = [new TurnEnd(), []];
    setImmediate(() => log.push('immediate'));
    end.add(noting(log, 'task'));
    await turns();
    expect(log).toEqual(['task', 'immediate']);
  });
});
