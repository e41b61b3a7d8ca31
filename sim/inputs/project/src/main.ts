import { countWords } from './words.js'

declare const console: { log(line: string): void }

const text = 'a rail is a rail is a rail'
for (const [word, count] of countWords(text)) console.log(`${word} ${count}`)
