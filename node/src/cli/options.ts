import { Option } from 'commander'
import { TIERS } from '@orien/protocol'

/** `--min-tier`: how well jobs must be confined. */
export function tierOption(): Option {
  return new Option('--min-tier <tier>', 'the weakest confinement that is good enough; D is none')
    .choices([...TIERS])
    .default('B')
}
