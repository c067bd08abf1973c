// @ts-check
/** The glass wall: the books as they stand, what waits, what bot and server say to each other, and buttons for trouble. */
import { get, post } from './api.js'
import { byId, clock, h, keep, kept } from './dom.js'
import { renewWorld } from './events.js'
import { icon } from './icons.js'
import { on, state } from './state.js'

/** @import { Books, Entry, Moved, Task } from './types.js' */

const SOON_MS = 250
const EVERY_MS = 2500
const PANELS = { books: 'Books', waiting: 'Waiting', calls: 'Calls' }

/** @type {Books | null} */
let books = null
/** @type {keyof typeof PANELS} */
let panel = /** @type {any} */ (kept('panel', 'books') in PANELS ? kept('panel', 'books') : 'books')
let timer = 0
let isAsking = false
const LEASE_S = 20 // so long the bot has for what it is telling

const plural = (/** @type {number} */ count, /** @type {string} */ one) => `${count} ${count === 1 ? one : one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`}`

/** What was tried and failed is, however long the next try is put off; a question that lapses later waits for nobody. @param {Books} seen */
function onTheWay(seen) {
  const now = Date.now() / 1000 + seen.later_s
  return [...seen.outbox, ...seen.places].filter(task => task.attempts > 0 || task.due <= now + LEASE_S).length + seen.agenda.filter(task => task.due <= now).length
}

/** @returns {{mood: string, short: string, text: string}} */
function verdict() {
  if (!state.isOnline || !books) return { mood: 'wait', short: 'Not seen', text: 'The books are not seen just now.' }
  if (!books.sound) return { mood: 'bad', short: 'Not sound', text: `Not sound: ${books.problem ?? 'the sums are not zero'}` }
  const entries = `${plural(books.verified.entries, 'entry')} verified`, waiting = onTheWay(books)
  const later = books.outbox.length + books.places.length + books.agenda.length - waiting
  const apart = (later ? `, ${later} due later` : '') + (books.parked ? `, ${books.parked} kept for who blocked the bot` : '')
  if (!books.bot.is_running) return { mood: 'wait', short: 'Bot restarts', text: `Sums to zero, ${entries}; the bot is being started again.` }
  if (waiting || books.pending) return { mood: 'wait', short: 'Working', text: `Sums to zero, ${entries}; ${plural(waiting + books.pending, 'thing')} on the way${apart}.` }
  return { mood: 'good', short: 'Sound', text: `Sums to zero, ${entries}, nobody waits${apart}.` }
}

/** @type {{text: string, icon: string, isOn?: () => boolean, run: () => Promise<string>}[]} */
const TROUBLE = [
  { text: 'Redeliver the last update', icon: 'again', run: async () => `Update ${await post('again')} goes out once more.` },
  { text: 'Press twice', icon: 'twice', isOn: () => state.world.trouble.twice, run: async () => { const twice = !state.world.trouble.twice; await post('options', { callbacks_twice: twice }); return twice ? 'Every press comes as two updates.' : 'A press is one update again.' } },
  { text: 'Answer 429', icon: 'slow', run: async () => { await post('fail', { method: '*', only: true, times: 3, code: 429, retry_after_s: 2 }); return 'The next three calls are too many: wait 2 s.' } },
  { text: 'Drop the next answer', icon: 'drop', run: async () => { await post('fail', { method: '*', only: true, drop: 'after' }); return 'The next call is done, but the bot will not hear of it.' } },
  { text: 'Cut the line', icon: 'cut', isOn: () => state.world.trouble.cut, run: async () => { const cut = !state.world.trouble.cut; await post('cut', { cut }); return cut ? 'Nothing gets through between bot and server.' : 'The line is whole again.' } },
  { text: 'Kill −9 and restart', icon: 'kill', run: async () => { await post('kill'); return 'The bot is dead; it is started again.' } },
  { text: 'Jump by a day', icon: 'day', run: async () => { await post('jump', { days: 1 }); return 'It is tomorrow, for the bot and for its Telegram.' } },
  { text: 'Limits like Telegram’s', icon: 'gauge', isOn: () => state.world.trouble.limits, run: async () => { const limits = !state.world.trouble.limits; await post('options', { limits }); return limits ? '30 messages a second in all, one in a chat.' : 'No limits.' } },
  { text: 'All calm again', icon: 'check', run: async () => { await post('calm'); await renewWorld(); return 'No trouble any more.' } },
]

const happened = h('p', { class: 'happened', role: 'status' })
const line = h('p', { class: 'verdict', role: 'status' })
const inside = h('div', { class: 'wall-panel', role: 'tabpanel', id: 'wall-panel', tabindex: '0' })
const pill = h('button', { type: 'button', class: 'pill', id: 'wall-button', 'aria-controls': 'wall' })

function drawVerdict() {
  const { mood, short, text } = verdict()
  if (line.dataset.mood !== mood || line.dataset.text !== text) {
    Object.assign(line.dataset, { mood, text })
    line.replaceChildren(icon(mood === 'good' ? 'check' : 'alert'), text)
  }
  pill.dataset.mood = mood
  pill.title = text
  pill.setAttribute('aria-expanded', String(!byId('wall').hidden))
  pill.replaceChildren(h('span', { class: 'unseen' }, 'Glass wall: '), short, h('span', { class: 'long' }, books && mood !== 'bad' ? ` · ${plural(books.verified.entries, 'entry')}` : ''))
}

function drawTroubles() {
  const node = h('div', { class: 'troubles', role: 'group', 'aria-label': 'Trouble' }, TROUBLE.map(each => {
    const button = h('button', { type: 'button', 'aria-pressed': each.isOn ? each.isOn() : undefined }, icon(each.icon), each.text)
    button.onclick = async () => {
      try { happened.textContent = await each.run() } catch (error) { happened.textContent = /** @type {Error} */ (error).message }
      if (each.isOn) await renewWorld()
      soon()
    }
    return button
  }))
  on('world', () => [...node.children].forEach((button, index) => { const { isOn } = TROUBLE[index]; if (isOn) button.setAttribute('aria-pressed', String(isOn())) }))
  return node
}

const none = (/** @type {string} */ text) => h('p', { class: 'none' }, text)
const part = (/** @type {string} */ title, /** @type {(Node | string)[]} */ ...kids) => h('section', {}, h('h3', {}, title), ...kids)

/** @param {Books} seen */
function drawBooks(seen) {
  const wallets = seen.wallets.filter(wallet => wallet.kind !== 'escrow' || !/^-?0([.]0+)? /.test(wallet.balance))
  const rows = wallets.map(wallet => h('tr', {}, h('td', { class: 'name', dir: 'auto' }, `${wallet.name}${wallet.kind === 'escrow' ? ' (waiting)' : ''}${wallet.state === 'open' ? '' : ` (${wallet.state})`}`), h('td', {}, String(wallet.version)), h('td', { class: 'amount' }, wallet.balance.replace('-', '−')), h('td', { class: 'amount' }, hash(wallet.head))))
  const sums = Object.entries(seen.sums).map(([code, sum]) => h('tr', { class: 'sum' }, h('th', { scope: 'row' }, 'All together'), h('td'), h('td', { class: 'amount' }, `${sum} ${code}`), h('td')))
  return [
    part('Balances', rows.length ? h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Wallet'), h('th', { scope: 'col' }, 'Entries'), h('th', { scope: 'col', class: 'amount' }, 'Balance'), h('th', { scope: 'col', class: 'amount' }, 'Last hash'))), h('tbody', {}, ...rows, ...sums)) : none('Nobody has a wallet yet.')),
    part('Last transfers, and the chain of their entries', ...(seen.transfers.length ? seen.transfers.map(transfer) : [none('No money has moved yet.')])),
  ]
}

/** @param {string | null} value */
function hash(value) {
  if (!value) return h('span', { class: 'none' }, '–')
  const square = h('i'), node = h('span', { class: 'hash chain', title: value, data: { hash: value } }, square, value.slice(0, 6))
  square.style.background = `hsl(${parseInt(value.slice(0, 4), 16) % 360} 60% 50%)`
  return node
}

/** @param {Moved} moved */
const transfer = moved => h('div', { class: 'transfer' },
  h('div', { class: 'line' }, h('b', { dir: 'auto' }, `${moved.debit.name} → ${moved.credit.name}`), h('b', {}, moved.amount)),
  h('div', { class: 'small', dir: 'auto' }, `${clock(moved.at)} · ${moved.kind} · ${moved.code}${moved.memo ? ` · ${moved.memo}` : ''}`),
  entry(moved.debit), entry(moved.credit))

/** @param {Entry} one */
const entry = one => h('div', { class: 'entry' },
  h('span', { dir: 'auto' }, `${one.name}, entry ${one.version}`), h('span', {}, `${one.delta.startsWith('-') ? one.delta.replace('-', '−') : `+${one.delta}`} → ${one.after.replace('-', '−')}`),
  h('span', { class: 'chain' }, one.previous_hash ? hash(one.previous_hash) : 'first', ' → ', hash(one.hash)))

/** @param {Books} seen */
function drawWaiting(seen) {
  const now = Date.now() / 1000 + seen.later_s
  const table = (/** @type {Task[]} */ tasks, /** @type {string} */ empty) => tasks.length ? h('table', {}, h('tbody', {}, tasks.map(task => h('tr', {}, h('td', { class: 'what' }, task.what), h('td', { class: 'name', dir: 'auto' }, task.about), h('td', { class: 'amount' }, when(task.due, now), task.attempts ? ` · try ${task.attempts + 1}` : ''))))) : none(empty)
  return [
    part('Outbox: who is to be told', table(seen.outbox, seen.parked ? `Nobody waits; ${seen.parked} kept for who blocked the bot.` : 'Nobody waits.')),
    part('Messages that show an older state', table(seen.places, 'All show the newest.')),
    part('Agenda: what happens by itself', table(seen.agenda, 'Nothing is due.')),
    part('Updates that the bot has not taken', none(seen.pending ? plural(seen.pending, 'update') : 'None.')),
  ]
}

/** @param {number} due @param {number} now */
function when(due, now) {
  const left = due - now
  if (left <= 0) return 'now'
  if (left < 90) return `in ${Math.round(left)} s`
  if (left < 5400) return `in ${Math.round(left / 60)} min`
  if (left < 172800) return `in ${Math.round(left / 3600)} h`
  return left < 63072000 ? `in ${Math.round(left / 86400)} days` : `in ${Math.round(left / 31557600)} years`
}

/** @param {Books} seen */
function drawCalls(seen) {
  return [
    part(`The bot, process ${seen.bot.pid}${seen.bot.restarts ? `, started again ${plural(seen.bot.restarts, 'time')}` : ''}`, h('ul', { class: 'calls' }, seen.calls.map(call => h('li', {}, h('time', {}, new Date(call.at * 1000).toLocaleTimeString([], { hour12: false })), h('b', {}, call.method), h('span', { dir: 'auto' }, call.about), call.error ? h('span', { class: 'error' }, `${call.status} ${call.error}`) : null)))),
    part('Updates to the bot', h('ul', { class: 'calls' }, seen.updates.map(update => h('li', {}, h('time', {}, String(update.id % 100000)), h('b', {}, update.kind), h('span', { dir: 'auto' }, update.about))))),
  ]
}

function drawPanel() {
  if (byId('wall').hidden) return
  const draw = { books: drawBooks, waiting: drawWaiting, calls: drawCalls }[panel]
  const at = inside.scrollTop
  inside.replaceChildren(...(books ? draw(books) : [none('The books are not seen just now.')]))
  inside.scrollTop = at
  inside.setAttribute('aria-labelledby', `wall-${panel}`)
}

async function renew() {
  if (isAsking || !state.world.wall) return
  isAsking = true
  try { books = await get('/sandbox/wall') } catch { if (!state.isOnline) books = null }
  isAsking = false
  drawVerdict()
  drawPanel()
}

function soon() { clearTimeout(timer); timer = setTimeout(renew, SOON_MS) }

/** @param {boolean} isOpen */
function toggle(isOpen) {
  byId('wall').hidden = !isOpen
  keep('wall', isOpen ? 'open' : '')
  drawVerdict()
  drawPanel()
  if (isOpen) renew()
}

export function wallButton() {
  const tabs = h('div', { class: 'wall-tabs', role: 'tablist', 'aria-label': 'What to look at' }, Object.entries(PANELS).map(([name, text]) => h('button', { type: 'button', role: 'tab', id: `wall-${name}`, 'aria-controls': 'wall-panel', data: { name } }, text)))
  const choose = (/** @type {string} */ name) => {
    panel = /** @type {any} */ (name)
    keep('panel', name)
    for (const tab of /** @type {HTMLElement[]} */ ([...tabs.children])) { tab.setAttribute('aria-selected', String(tab.dataset.name === name)); tab.tabIndex = tab.dataset.name === name ? 0 : -1 }
    drawPanel()
  }
  tabs.onclick = event => { const name = /** @type {HTMLElement} */ (event.target).dataset.name; if (name) choose(name) }
  tabs.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], names = Object.keys(PANELS)
    if (!step) return
    choose(names[(names.indexOf(panel) + step + names.length) % names.length])
    byId(`wall-${panel}`).focus()
  }
  inside.onpointerover = event => {
    const wanted = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-hash]'))?.dataset.hash
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (inside.querySelectorAll('[data-hash]'))) node.classList.toggle('same', node.dataset.hash === wanted)
  }
  const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Close the glass wall' }, icon('close'))
  close.onclick = () => { toggle(false); pill.focus() }
  byId('wall').append(h('div', { class: 'wall-head' }, h('h2', {}, 'Glass wall'), close), line, drawTroubles(), happened, tabs, inside)
  byId('wall').addEventListener('keydown', event => { if (event.key === 'Escape') close.click() })
  pill.onclick = () => toggle(Boolean(byId('wall').hidden))
  choose(panel)
  for (const name of ['message', 'gone', 'world', 'answer']) on(name, soon)
  on('line', drawVerdict)
  setInterval(() => { if (document.visibilityState === 'visible') renew() }, EVERY_MS)
  toggle(kept('wall') === 'open' && innerWidth > 1100)
  return pill
}
