import { setFlagsFromString } from 'node:v8'

/**
 * A provider waits most of its life: a young generation that does not grow takes some 25 MiB off a daemon that idles. V8 reads the growth
 * factor while it runs, unlike the largest size. Set before anything else is loaded, because the heap grows while modules are; other
 * commands are over too soon to care.
 */
if (process.argv[2] === 'provider') setFlagsFromString('--semi-space-growth-factor=1')
