// The channel ledger of a devnet, from what `tsc -b` built. Apart from built.mjs, so that who starts it loads nothing else.
export { startClearnode } from '../../sim/dist/devnet/clearnode-process.js'
