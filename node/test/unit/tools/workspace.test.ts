import { memoryFiles } from '../../../src/tools/files-memory.ts'
import { workspaceSuite } from './workspace-suite.ts'

workspaceSuite('in memory', async () => {
  const files = memoryFiles()
  return {
    files,
    root: '/sessions',
    put: async (path, content) => files.put(path, content),
    peek: async (path) => files.peek(path),
    cleanup: () => Promise.resolve(),
  }
})
