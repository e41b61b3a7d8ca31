import { quoted } from '../cast/files.ts'
import { tools } from '../cast/paths.ts'
import { DEMO_PRICES } from './config.ts'

/** A tool of a provider.toml, as TOML text. */
export const TOOLS = {
  compile_contract: `
[[tools]]
id = "compile_contract"
name = "Solidity compiler"
description = "Compiles the .sol files you send with solc; ABI and bytecode come back."
command = [${quoted(process.execPath, tools.compileContract)}, "{optimize?--optimize}"]
schema = { type = "object", additionalProperties = false, properties = { optimize = { type = "boolean" } } }
price = "${DEMO_PRICES.compile_contract}"
maxDurationSeconds = 30
inputs = ["*.sol"]
outputs = ["out/*.json"]
tags = ["solidity"]
thirdPartyUseAllowed = true
`,
  run_build: `
[[tools]]
id = "run_build"
name = "TypeScript build"
description = "Builds the project you send with tsc; the JavaScript comes back."
command = [${quoted(process.execPath, tools.tsc)}, "-p", "tsconfig.json"]
price = "${DEMO_PRICES.run_build}"
maxDurationSeconds = 30
inputs = ["**/*.ts", "*.json"]
outputs = ["dist/*.js"]
tags = ["typescript"]
thirdPartyUseAllowed = true
`,
  render_chart: `
[[tools]]
id = "render_chart"
name = "Bar chart"
description = "Draws the first two columns of a CSV file as SVG."
command = [${quoted(process.execPath, tools.renderChart)}, "{file}", "{title}"]
schema = { type = "object", additionalProperties = false, required = ["file"], properties = { file = { type = "string", format = "workspace-path" }, title = { type = "string", maxLength = 80 } } }
price = "${DEMO_PRICES.render_chart}"
maxDurationSeconds = 10
inputs = ["*.csv"]
outputs = ["chart.svg"]
tags = ["charts"]
thirdPartyUseAllowed = true
`,
  count_primes: `
[[tools]]
id = "count_primes"
name = "Prime counter"
description = "Counts primes by trial division: as much work as you ask for."
command = [${quoted(process.execPath, tools.countPrimes)}, "{upTo}"]
schema = { type = "object", additionalProperties = false, required = ["upTo"], properties = { upTo = { type = "integer", minimum = 2 } } }
price = "${DEMO_PRICES.count_primes}"
maxDurationSeconds = 120
tags = ["maths"]
thirdPartyUseAllowed = true
`,
} as const
