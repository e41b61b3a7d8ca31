import { type House, packageNames, type Rule, type Violation } from '../house.ts'

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/

type Manifest = { version?: string } & Partial<Record<(typeof KINDS)[number], Record<string, string>>>

function manifestsOf({ files }: House): Map<string, Manifest> {
  const paths = ['package.json', ...packageNames.map((name) => `${name}/package.json`)]
  return new Map(
    paths.flatMap((path) => {
      const text = files.get(path)
      return text === undefined ? [] : [[path, JSON.parse(text) as Manifest]]
    }),
  )
}

/** One exact version per dependency, and one version for all our packages. */
export const versionRule: Rule = (house) => {
  const manifests = manifestsOf(house)
  const ours = (JSON.parse(house.files.get('lerna.json') ?? '{}') as { version?: string }).version
  const found: Violation[] = []
  const first = new Map<string, { path: string; version: string }>()
  const report = (at: string, message: string) => found.push({ rule: 'version', at, message })
  for (const [path, manifest] of manifests) {
    if (manifest.version !== ours) report(path, `is ${manifest.version}, lerna.json says ${ours}`)
    for (const [name, version] of KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}))) {
      if (!EXACT.test(version)) report(path, `${name} ${version} is not one exact version`)
      if (name.startsWith('@orien/') && version !== ours) report(path, `${name} is ${version}, lerna.json says ${ours}`)
      const other = first.get(name)
      if (other !== undefined && other.version !== version)
        report(path, `${name} is ${version}, but ${other.version} in ${other.path}`)
      if (other === undefined) first.set(name, { path, version })
    }
  }
  return found
}
