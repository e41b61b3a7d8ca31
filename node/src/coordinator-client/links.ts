import type { PeerText } from '@orien/protocol'
import { CoordinatorLink, type CoordinatorLinkParts } from './link.ts'

export interface CoordinatorLinksParts extends Pick<CoordinatorLinkParts, 'network' | 'timers' | 'hello' | 'onNotice'> {
  /** A coordinator's stream is gone; batches in flight were rejected. */
  readonly onLost: (coordinator: PeerText) => void
}

/** One link to each coordinator, made when it is first asked for and kept until all are closed. */
export class CoordinatorLinks {
  readonly #parts: CoordinatorLinksParts
  readonly #links = new Map<PeerText, CoordinatorLink>()

  constructor(parts: CoordinatorLinksParts) {
    this.#parts = parts
  }

  to(coordinator: PeerText): CoordinatorLink {
    let link = this.#links.get(coordinator)
    if (link === undefined) {
      link = new CoordinatorLink(coordinator, { ...this.#parts, onLost: () => this.#parts.onLost(coordinator) })
      this.#links.set(coordinator, link)
    }
    return link
  }

  async close(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()))
  }
}
