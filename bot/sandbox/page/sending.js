// @ts-check
/** What people write, kept until the server has it; then it is sent in order, and once. */
import { Gone, post } from './api.js'
import { keep, kept } from './dom.js'
import { emit, on, putMessage, state } from './state.js'

/** @import { Raw, Sending } from './types.js' */

/** @returns {Sending[]} */
const queue = () => { try { return JSON.parse(kept('queue', '[]')) } catch { return [] } }
/** @param {Sending[]} sendings */
const store = sendings => { keep('queue', sendings.length ? JSON.stringify(sendings) : ''); emit('queue') }

/** @param {number} person @param {number} chat */
export const waitingIn = (person, chat) => queue().filter(sending => sending.person === person && sending.chat === chat && sending.raw)

/** @param {string} action @param {number} person @param {number} chat @param {Record<string, any>} body @param {Raw | null} raw how it looks meanwhile */
export function send(action, person, chat, body, raw) {
  const once = crypto.randomUUID()
  store([...queue(), { once, action, body: { person, chat, ...body }, person, chat, raw: raw && { message_id: `pending-${once}`, date: Date.now() / 1000, ...raw } }])
  emit('sent', { person, chat })
  return flush()
}

let isSending = false

/** Send what waits, the oldest first; what is refused is said and given back. */
export async function flush() {
  if (isSending) return
  isSending = true
  try {
    for (let next = queue()[0]; next; next = queue()[0]) {
      const { once, action, body } = next
      try {
        const message = await post(action, { ...body, once })
        store(queue().filter(sending => sending.once !== once))
        if (message?.raw) putMessage(message.raw.chat.id, message)
      } catch (error) {
        if (error instanceof Gone) { state.isOnline = false; emit('line'); return }
        store(queue().filter(sending => sending.once !== once))
        emit('refused', { ...next, error: /** @type {Error} */ (error).message })
      }
    }
  } finally { isSending = false }
}

on('online', flush)
