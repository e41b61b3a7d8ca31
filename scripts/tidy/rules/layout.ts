import { type House, packageNames, type Rule, type Violation } from '../house.ts'
import { topLevel, untracked } from '../tables.ts'

/** The top level is exactly the table; dot-files are free. */
export const topLevelRule: Rule = ({ top }) => {
  const visible = top.filter((name) => !name.startsWith('.') && !untracked.includes(name))
  return [
    ...visible
      .filter((name) => !topLevel.includes(name))
      .map((name) => ({
        rule: 'top-level',
        at: name,
        message: 'does not belong at the top level; configs live in scripts/config, guides in scripts/docs',
      })),
    ...topLevel
      .filter((name) => !visible.includes(name))
      .map((name) => ({ rule: 'top-level', at: name, message: 'is missing at the top level' })),
  ]
}

/** Protocol ids carry versions, folders do not. */
export const versionedFolderRule: Rule = ({ files }) => {
  const folders = [...files.keys()].map((path) => /^(.*\/)?v\d+(?=\/)/.exec(path)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].map((folder) => ({
    rule: 'versioned-folder',
    at: folder,
    message: 'a folder is not a version; protocol ids carry versions',
  }))
}

/** Folders directly under a package's src that hold TypeScript, at any depth. */
function logicFolders({ files }: House): Set<string> {
  const found = new Set<string>()
  for (const path of files.keys()) {
    const [name, src, folder, ...rest] = path.split('/')
    const known = (packageNames as readonly string[]).includes(name ?? '') && src === 'src'
    if (known && folder !== undefined && rest.length > 0 && path.endsWith('.ts')) found.add(`${name}/src/${folder}`)
  }
  return found
}

/** Every such folder says in one page what it is for. */
export const readmeRule: Rule = (house) =>
  [...logicFolders(house)]
    .filter((folder) => !house.files.has(`${folder}/README.md`))
    .map((folder) => ({ rule: 'readme', at: folder, message: 'has no README.md: what it is for, what it may import' }))

const licenceMarks: readonly [string, RegExp][] = [
  [
    'the MIT text',
    /MIT License[\s\S]*Permission is hereby granted, free of charge[\s\S]*THE SOFTWARE IS PROVIDED "AS IS"/,
  ],
  [
    'the Apache-2.0 text',
    /Apache License\s+Version 2\.0, January 2004[\s\S]*9\. Accepting Warranty[\s\S]*END OF TERMS/,
  ],
]

/** One LICENSE with both texts, and every package names both. */
export const licenceRule: Rule = ({ files }) => {
  const text = files.get('LICENSE') ?? ''
  const lacking: Violation[] = licenceMarks
    .filter(([, mark]) => !mark.test(text))
    .map(([name]) => ({ rule: 'licence', at: 'LICENSE', message: `does not hold ${name}` }))
  for (const name of packageNames) {
    const path = `${name}/package.json`
    if (!/"license": "\(Apache-2\.0 OR MIT\)"/.test(files.get(path) ?? ''))
      lacking.push({ rule: 'licence', at: path, message: 'does not say "license": "(Apache-2.0 OR MIT)"' })
  }
  return lacking
}
