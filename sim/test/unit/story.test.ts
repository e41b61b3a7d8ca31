import { expect, test } from 'vitest'
import { storyOn } from '../../src/cast/story.ts'

test('behavior: a call that failed is told by its agent and by its provider, each as it knows it', () => {
  let told = ''
  const stream = {
    isTTY: false,
    write(text: string | Uint8Array) {
      told += String(text)
      return true
    },
  }
  const story = storyOn(stream, new Map())
  const event = 'callFailed'
  const time = { timeMs: 0 }
  story.hear({
    ...time,
    who: 'ada',
    event,
    fields: { call: 'barn', code: 'timedOut', message: '', where: 'running' },
  })
  story.hear({ ...time, who: 'anvil', event, fields: { session: 'ab', callSeq: 3, why: 'the runner\u001b[1m died' } })
  const [agent, provider] = told.trimEnd().split('\n')
  expect(agent).toContain('“barn” failed: timedOut; money running')
  expect(provider).toContain('call 3 failed: the runner\\u{1b}[1m died')
})
