// The tool `count_primes`: counts primes by trial division until it reaches the limit; says how far it is. Real work, as long as you like.
const upTo = Number(process.argv[2])
if (!Number.isSafeInteger(upTo) || upTo < 2) {
  process.stderr.write('name a whole number from 2\n')
  process.exit(1)
}
let primes = 0
let told = 0
for (let candidate = 2; candidate <= upTo; candidate++) {
  let prime = true
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) {
      prime = false
      break
    }
  }
  if (prime) primes++
  if (candidate - told >= 200_000) {
    told = candidate
    process.stderr.write(`${primes} primes up to ${candidate}\n`)
  }
}
process.stdout.write(JSON.stringify({ upTo, primes }))
