// @ts-check
/** The first minute: four steps from an empty world to a payment, by hand or by themselves. */
import { get, post } from './api.js'
import { byId, h, keep, kept } from './dom.js'
import { loadLog } from './events.js'
import { icon } from './icons.js'
import { show } from './people.js'
import { on, personOf, state } from './state.js'

/** @import { Message } from './types.js' */

const ALICE = 1001, BOB = 1002
const TYPING_MS = 22
const WAIT_MS = 12000
const LOOK_MS = 60

const STEPS = [
  { text: 'Alice and Bob press Start', run: begin },
  { text: 'The operator issues 20.00 to Alice', run: issue },
  { text: 'Bob asks for 5.00', run: request },
  { text: 'Alice scans it and pays', run: pay },
]

/** @type {boolean[]} */
let done = [false, false, false, false]
let isPlaying = false
let isDismissed = kept('first') === 'no'

const pause = (/** @type {number} */ ms) => new Promise(resolve => setTimeout(resolve, ms))
const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** @param {number} chat @returns {Message[]} */
const messages = chat => [...(state.logs.get(chat) ?? new Map()).values()]

/** @param {number} chat @param {(message: Message) => boolean} wanted @param {number} after */
async function heard(chat, wanted, after) {
  for (let waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
    const found = messages(chat).find(message => message.raw.message_id > after && message.bot && wanted(message))
    if (found) return found
    await pause(LOOK_MS)
  }
  throw new Error('The bot has not answered in time.')
}

/** @param {number} chat */
const newest = chat => Math.max(0, ...messages(chat).map(message => message.raw.message_id))

/** @param {number} person @param {string} text typed where everybody can see it */
async function say(person, text) {
  const phone = show(person, { chat: person })
  if (!phone) return 0
  if (!state.logs.get(person)?.size) await loadLog(person)
  const before = newest(person)
  for (let end = 1; end <= text.length && !isCalm(); end += 1) {
    phone.composer.put(text.slice(0, end))
    await pause(TYPING_MS)
  }
  phone.composer.put('')
  phone.composer.suggest.close()
  await phone.send(text)
  return before
}

/** @param {Message} message @param {number} chat */
async function pressFirst(message, chat) {
  const button = message.raw.reply_markup?.inline_keyboard?.[0]?.[0]
  if (!button || !('callback_data' in button)) return
  await pause(isCalm() ? 0 : 500)
  await post('press', { person: chat, chat, message: message.raw.message_id, button: button.callback_data, wait_s: 10 })
}

/** @param {number} person */
async function start(person) {
  show(person, { chat: person, focus: false })
  await loadLog(person)
  const before = newest(person)
  if (!personOf(person)?.started) { await post('start', { person }); await heard(person, () => true, before) }
}

async function begin() { await start(ALICE); await start(BOB) }

async function issue() {
  const operator = state.world.operator ?? 1003
  await start(operator)
  const alice = personOf(ALICE), before = await say(operator, `/issue 20 @${alice?.username ?? 'alice'} for the start`)
  await pressFirst(await heard(operator, () => true, before), operator)
}

async function request() {
  const before = await say(BOB, '/request 5 coffee')
  await heard(BOB, message => Boolean(message.raw.photo), before)
}

async function pay() {
  const picture = messages(BOB).filter(message => message.raw.photo && message.raw.reply_markup).pop()
  if (!picture) throw new Error('Bob has to ask first.')
  show(ALICE, { chat: ALICE, focus: false })
  await loadLog(ALICE)
  const before = newest(ALICE)
  await post('scan', { person: ALICE, chat: BOB, message: picture.raw.message_id })
  await pressFirst(await heard(ALICE, message => Boolean(message.raw.reply_markup?.inline_keyboard), before), ALICE)
}

/** What of it is done already, by whomever. */
async function look() {
  const before = done.join()
  const books = state.world.wall ? await get('/sandbox/wall').catch(() => null) : null
  const kinds = new Set((books?.transfers ?? []).map((/** @type {any} */ moved) => moved.kind))
  const isPaid = ['payment', 'request'].some(kind => kinds.has(kind))
  done = [Boolean(personOf(ALICE)?.started && personOf(BOB)?.started), kinds.has('issue') || kinds.has('welcome'), isPaid || messages(BOB).some(message => message.bot && message.raw.photo), isPaid]
  if (done.join() !== before) draw()
}

/** @param {number} from @param {number} to */
async function play(from, to) {
  if (isPlaying) return
  isPlaying = true
  draw()
  let at = from
  try {
    for (at = from; at < to; at += 1) {
      if (!done[at]) await STEPS[at].run()
      done[at] = true
      draw()
      await pause(isCalm() ? 0 : 700)
    }
  } catch (error) { show(at === 2 ? BOB : ALICE, { focus: false })?.toast(/** @type {Error} */ (error).message) }
  isPlaying = false
  await look()
  draw()
}

function draw() {
  const node = byId('first'), isOver = done.every(Boolean)
  node.hidden = isDismissed || (isOver && !node.childElementCount)
  if (node.hidden) return
  const next = done.indexOf(false)
  const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Close the first minute' }, icon('close'))
  close.onclick = () => { isDismissed = true; keep('first', 'no'); draw() }
  const all = h('button', { type: 'button', class: 'filled', disabled: isPlaying || isOver || undefined, onclick: () => play(0, STEPS.length) }, isPlaying ? 'Playing…' : 'Play all')
  const focused = node.contains(document.activeElement)
  node.replaceChildren(
    h('h2', { id: 'first-title' }, isOver ? 'That was a payment.' : 'The first minute', h('small', {}, isOver ? 'Both have the same receipt. Look behind the glass wall, or make trouble there.' : 'Four steps to a payment: play them, or do them by hand.')),
    h('div', { class: 'side' }, isOver ? null : all, close),
    ...(isOver ? [] : [h('ol', {}, STEPS.map((step, index) => h('li', { class: done[index] ? 'done' : undefined, 'aria-current': index === next ? 'step' : undefined },
      h('span', { class: 'number' }, done[index] ? icon('check') : String(index + 1)), h('p', {}, step.text, done[index] ? h('span', { class: 'unseen' }, ' (done)') : null),
      done[index] ? null : h('button', { type: 'button', class: 'outlined', disabled: isPlaying || undefined, 'aria-label': `Play: ${step.text}`, onclick: () => play(0, index + 1) }, 'Play'))))]))
  if (focused && !node.contains(document.activeElement)) /** @type {HTMLElement | null} */ (node.querySelector('button:not([disabled])'))?.focus()
}

/** Shown in a world where nobody has paid yet. */
export async function showFirst() {
  if (isDismissed) return
  await look()
  if (done.every(Boolean)) return
  draw()
  let timer = 0
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => { if (!isDismissed && !isPlaying && !done.every(Boolean)) look() }, 400) }
  on('message', soon)
  on('world', soon)
}
