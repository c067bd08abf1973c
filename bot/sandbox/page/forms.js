// @ts-check
/** Small forms: who somebody is, a new person, a new group. */
import { post } from './api.js'
import { avatar, h, nameOf } from './dom.js'
import { sheet } from './sheet.js'
import { state } from './state.js'

/** @import { Phone } from './phone.js' */

/** @param {string} label @param {Record<string, any>} props */
function field(label, props) {
  const input = h('input', { type: 'text', dir: 'auto', autocomplete: 'off', spellcheck: 'false', ...props })
  return { input, node: h('label', {}, label, input) }
}

/** @param {HTMLElement} column @param {(id: number) => void} added */
export function newPerson(column, added) {
  const name = field('Name', { maxlength: 64 }), username = field('Username (may be empty)', { maxlength: 33, placeholder: '@dora' })
  sheet(column, {
    title: 'Somebody new', content: [name.node, username.node],
    actions: [{ text: 'Cancel' }, { text: 'Add', isMain: true, run: async () => {
      const raw = await post('person', { name: name.input.value, ...(username.input.value.trim() ? { username: username.input.value.trim() } : {}) })
      added(raw.id)
    } }],
  })
}

/** @param {Phone} phone */
export function editPerson(phone) {
  const { person } = phone
  const name = field('Name', { maxlength: 64, value: person.first_name }), username = field('Username (may be empty)', { maxlength: 33, value: person.username ?? '' })
  sheet(phone.node, {
    title: `${nameOf(person)} calls themselves`, content: [name.node, username.node],
    actions: [{ text: 'Cancel' }, { text: 'Save', isMain: true, run: () => post('rename', { person: person.id, name: name.input.value, username: username.input.value.trim() || null }) }],
  })
}

/** @param {HTMLElement} column @param {number} person who makes it */
export function newGroup(column, person) {
  const title = field('Title', { maxlength: 128 })
  const people = state.world.people.filter(one => !one.deleted)
  const boxes = people.map(one => h('input', { type: 'checkbox', value: one.id, checked: one.id === person }))
  sheet(column, {
    title: 'A new group',
    content: [title.node, h('fieldset', {}, h('legend', {}, 'Who is in it'), people.map((one, index) => h('label', { class: 'check' }, boxes[index], avatar(one), nameOf(one))))],
    actions: [{ text: 'Cancel' }, { text: 'Make it', isMain: true, run: async () => {
      const members = people.filter((_, index) => boxes[index].checked).map(one => one.id)
      if (!members.length) throw new Error('Somebody has to be in it.')
      await post('group', { title: title.input.value, members })
    } }],
  })
}

/** @param {HTMLElement} column @param {string} title @param {{id: number, first_name?: string, title?: string}[]} places @param {(id: number) => void} chosen */
export function choosePlace(column, title, places, chosen) {
  const list = h('div', { class: 'list' }, places.map(place => h('button', { type: 'button', data: { place: place.id } }, avatar(place), nameOf(place))))
  const close = sheet(column, { title, content: [list], actions: [{ text: 'Cancel' }] })
  list.onclick = event => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('button'))
    if (button) { close(); chosen(Number(button.dataset.place)) }
  }
}
