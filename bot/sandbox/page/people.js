// @ts-check
/** Who is shown: as many phones side by side as fit, one on a phone; the others wait in the bar with what they missed. */
import { avatar, byId, h, isTouched, keep, kept, nameOf } from './dom.js'
import { newPerson } from './forms.js'
import { icon } from './icons.js'
import { Phone } from './phone.js'
import { chatsOf, on, personOf, state, unread } from './state.js'

const COLUMN_PX = 340

/** @type {Phone[]} */
let phones = []
/** @type {number[]} who was looked at last is at the end */
let wanted = []

/** The person that this window belongs to: `#bob`, `#1002`. */
function owner() {
  const name = decodeURIComponent(location.hash.slice(1)).replace(/^@/, '').toLowerCase()
  return name ? state.world.people.find(person => person.username?.toLowerCase() === name || String(person.id) === name) : undefined
}

const room = () => Math.max(1, Math.floor(byId('phones').clientWidth / COLUMN_PX))

/** @param {number} id @returns {Phone | undefined} */
export const phoneOf = id => phones.find(phone => phone.id === id)
export const shownPhones = () => phones

/** @param {number} id @param {{chat?: number, focus?: boolean}} [how] */
export function show(id, { chat, focus = true } = {}) {
  if (!personOf(id)) return undefined
  const alone = owner()
  if (alone && alone.id !== id) location.hash = ''
  if (!phoneOf(id)) wanted = [...wanted.filter(one => one !== id), id]
  arrange()
  const phone = phoneOf(id)
  if (chat !== undefined && phone) phone.open(chat)
  if (focus && !isTouched()) phone?.composer.focus()
  return phone
}

/** Phones for those who fit: those who were wanted last, in the order of the bar. */
function arrange() {
  const all = state.world.people.map(person => person.id), alone = owner()
  const known = wanted.filter(id => all.includes(id))
  const last = [...all.filter(id => !known.includes(id)).reverse(), ...known].slice(-(alone ? 1 : room()))
  const shown = alone ? [alone.id] : all.filter(id => last.includes(id))
  const place = byId('phones')
  if (shown.join() !== phones.map(phone => phone.id).join()) {
    for (const phone of phones.filter(one => !shown.includes(one.id))) phone.close()
    phones = shown.map(id => phoneOf(id) ?? new Phone(id))
    for (const phone of phones) if (!phone.node.isConnected) place.append(phone.node)
    phones.forEach((phone, index) => { if (place.children[index] !== phone.node) place.insertBefore(phone.node, place.children[index]) })
    for (const phone of phones) if (phone.log.isAtEnd) phone.log.toEnd()
  }
  keep('wanted', wanted.join())
  showTabs()
}

function showTabs() {
  const bar = byId('people'), hadFocus = bar.contains(document.activeElement) && /** @type {HTMLElement} */ (document.activeElement).dataset.person
  bar.replaceChildren(...state.world.people.map(person => {
    const isShown = Boolean(phoneOf(person.id))
    const count = isShown ? 0 : chatsOf(person.id).reduce((sum, chat) => sum + unread(person.id, chat), 0)
    const tab = h('button', { type: 'button', class: 'person-tab', 'aria-pressed': isShown, data: { person: person.id } }, avatar(person), h('span', { class: 'label', dir: 'auto' }, nameOf(person)))
    if (count) tab.append(h('span', { class: 'badge' }, count > 99 ? '99+' : String(count), h('span', { class: 'unseen' }, ' unread')))
    tab.onclick = () => show(person.id)
    return tab
  }), addButton())
  if (hadFocus) /** @type {HTMLElement | null} */ (bar.querySelector(`[data-person="${hadFocus}"]`))?.focus()
}

function addButton() {
  const button = h('button', { type: 'button', class: 'icon', 'aria-label': 'Add somebody', title: 'Add somebody' }, icon('plus'))
  button.onclick = () => { const column = phones[phones.length - 1]; if (column) newPerson(column.node, id => setTimeout(() => show(id), 50)) }
  return button
}

/** @param {KeyboardEvent} event Alt and a number: that person's field; F6: the next one's */
function key(event) {
  const number = /^Digit([1-9])$/.exec(event.code)
  if (event.altKey && !event.ctrlKey && !event.metaKey && number) {
    const person = state.world.people[Number(number[1]) - 1]
    if (person) { event.preventDefault(); show(person.id) }
  } else if (event.key === 'F6' && phones.length) {
    event.preventDefault()
    const at = phones.findIndex(phone => phone.node.contains(document.activeElement))
    phones[(at + (event.shiftKey ? -1 : 1) + phones.length) % phones.length].composer.focus()
  }
}

export function showPeople() {
  wanted = kept('wanted').split(',').map(Number).filter(Boolean)
  on('world', () => { if (state.world.people.some(person => phoneOf(person.id)) || state.world.people.length) arrange() })
  for (const name of ['read', 'message', 'gone', 'log']) on(name, showTabs)
  on('look', ({ person, chat }) => show(person, { chat }))
  addEventListener('hashchange', arrange)
  addEventListener('keydown', key)
  document.addEventListener('visibilitychange', () => phones.forEach(phone => phone.log.read()))
  new ResizeObserver(() => { if (state.world.people.length) arrange() }).observe(byId('phones'))
}
