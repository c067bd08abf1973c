// @ts-check
/** Said to those who listen instead of looking: one new message, not the whole log again. */
import { byId } from './dom.js'

let waiting = ''
let timer = 0

/** @param {string} text */
export function announce(text) {
  waiting = waiting ? `${waiting} ${text}` : text
  clearTimeout(timer)
  timer = setTimeout(() => {
    byId('live').textContent = waiting.slice(0, 500)
    waiting = ''
  }, 150)
}
