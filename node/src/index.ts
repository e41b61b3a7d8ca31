/**
 * ORIEN for programs: an agent that rents tools, a provider that rents them out.
 *
 * @example
 * const agent = await createAgent({ profile, identity, wallet, bootstrap })
 * const result = await agent.run('compile_contract', { optimize: true }, { files, maxCost: '0.05' })
 */
export { composeAgent, type Agent, type RunOptions, type RunResult } from './agent/agent.ts'
export { createAgent, type AgentOptions } from './agent/create.ts'
export type { FileSource, InputFiles } from './agent/files.ts'
export type { Found, FindOptions } from './agent/finder.ts'
export { DEFAULT_POLICY } from './agent/policy.ts'
export type { AgentConfig, AgentParts, AgentPolicy } from './agent/ports.ts'
export { cheapestFirst, type Rank } from './agent/rank.ts'
export { createProvider, type ProviderDaemon, type ProviderOptions } from './provider/create.ts'
export { AGENT_SESSION_TRANSITIONS, type AgentSessionTransition } from './agent/phase-table.ts'
export { CALL_TRANSITIONS, type CallTransition } from './provider/call-table.ts'
export { PROVIDER_SESSION_TRANSITIONS, type SessionTransition } from './provider/phase-table.ts'
export type { ProviderConfig, ProviderParts } from './provider/ports.ts'
export { composeProvider, type Provider } from './provider/provider.ts'
export { loadCatalogue, type Catalogue } from './tools/catalogue.ts'
export type { Job, JobExit, OutputListener, Runner, RunningJob } from './tools/port.ts'
export { startRunner } from './tools/runner/client.ts'
export { inProcessRunner, type Program } from './tools/runner/in-process.ts'
export { readBook, type BookSession } from './verify/books.ts'
export { bundleFromJson, bundleToJson } from './verify/bundle-json.ts'
export { EVIDENCE_LINKS, type EvidenceBundle, type EvidenceStep } from './verify/evidence.ts'
export { isSound, verifyEvidence } from './verify/verify.ts'
