// The tool `render_chart`: a bar chart, chart.svg, of the first two columns of a CSV file.
import { readFileSync, writeFileSync } from 'node:fs'

const [file, title = ''] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('no CSV file was named\n')
  process.exit(1)
}
const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
const rows = lines.map((line) => line.split(',')).map(([label = '', value = '']) => ({ label, value: Number(value) }))
if (rows.length === 0 || rows.some(({ value }) => !Number.isFinite(value) || value < 0)) {
  process.stderr.write(`${file} does not hold a number of at least 0 in every second column\n`)
  process.exit(1)
}
process.stderr.write(`${rows.length} bars of ${header ?? ''}\n`)
const WIDTH = 640
const HEIGHT = 360
const BASE = HEIGHT - 40
const top = Math.max(...rows.map(({ value }) => value), 1)
const step = WIDTH / rows.length
const escape = (text: string): string => text.replaceAll(/[<>&"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
const bars = rows.map(({ label, value }, at) => {
  const height = ((BASE - 60) * value) / top
  const x = at * step + step * 0.15
  return [
    `<rect x="${x.toFixed(1)}" y="${(BASE - height).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${height.toFixed(1)}" fill="#2b6cb0"/>`,
    `<text x="${(at * step + step / 2).toFixed(1)}" y="${BASE + 18}" text-anchor="middle" font-size="13">${escape(label)}</text>`,
    `<text x="${(at * step + step / 2).toFixed(1)}" y="${(BASE - height - 6).toFixed(1)}" text-anchor="middle" font-size="12">${value}</text>`,
  ].join('')
})
writeFileSync(
  'chart.svg',
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif"><rect width="${WIDTH}" height="${HEIGHT}" fill="white"/><text x="20" y="32" font-size="20">${escape(title)}</text>${bars.join('')}</svg>\n`,
)
process.stdout.write(JSON.stringify({ bars: rows.length, top }))
