// The one place that reaches behind the packages' exports, into what `tsc -b` built: a benchmark composes the very parts
// that the daemons do, with one of them exchanged.
export { composeAgent } from '../../node/dist/agent/agent.js'
export { openSession } from '../../node/dist/agent/opener.js'
export { SpendBook } from '../../node/dist/agent/spend-book.js'
export { composeProvider } from '../../node/dist/provider/provider.js'
export { inProcessRunner } from '../../node/dist/tools/runner/in-process.js'
export { createToolBox } from '../../node/dist/tools/tool-box.js'
export { createSessionBlobs } from '../../node/dist/tools/session-blobs.js'
export { createWorkspaces } from '../../node/dist/tools/workspace.js'
export { systemFiles } from '../../node/dist/tools/files-fs.js'
export { createNode } from '../../node/dist/network/libp2p-node.js'
export { createRecordBook } from '../../node/dist/network/records.js'
