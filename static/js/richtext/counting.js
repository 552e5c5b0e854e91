// The length of a text, counted as the server does (caisu/core/markup.py).

const HAN = /[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{323af}]/gu
const WORD = /[\p{L}\p{N}_]+(?:['’.-][\p{L}\p{N}_]+)*/gu
const HAN_PER_MINUTE = 300
const WORDS_PER_MINUTE = 200

/** Python's round(): halves go to the even neighbour. */
function round(number) {
  const below = Math.floor(number)
  if (number - below !== 0.5) return Math.round(number)
  return below % 2 ? below + 1 : below
}

/** How many Han characters and how many words of other scripts, both together, and minutes to read. */
export function counts(text) {
  const han = text.match(HAN)?.length ?? 0
  const words = text.replace(HAN, " ").match(WORD)?.length ?? 0
  const minutes = Math.max(1, round(han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE))
  return { han, words, all: han + words, minutes }
}
