import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** Finds programs on a search path, as exec would, but never in the current folder and never by the tool's own PATH. */
export type ProgramFinder = (name: string) => string | undefined

/** A finder over the folders of `path`. Found programs are remembered while they stay. */
export function programFinder(path: string): ProgramFinder {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder))
  const found = new Map<string, string>()
  return (name) => {
    if (name.includes('/')) return isAbsolute(name) && isProgram(name) ? name : undefined
    const known = found.get(name)
    if (known !== undefined && isProgram(known)) return known
    const file = folders.map((folder) => join(folder, name)).find(isProgram)
    if (file === undefined) found.delete(name)
    else found.set(name, file)
    return file
  }
}

/** True for an existing folder. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
