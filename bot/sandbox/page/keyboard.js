// @ts-check
/** The keyboard in place of the phone's own: what the bot offers below the field, and the list of people to pick from. */
import { post } from './api.js'
import { keys } from './buttons.js'
import { avatar, h, nameOf } from './dom.js'
import { sheet } from './sheet.js'
import { state } from './state.js'

/** @import { Raw } from './types.js' */
/** @import { Phone } from './phone.js' */

/** @param {Phone} phone @param {Raw} markup */
export function replyKeyboard(phone, markup) {
  return h('div', { class: 'reply-keys', role: 'group', 'aria-label': 'Answers that the bot offers' }, keys(markup.keyboard, button => {
    if (button.request_users) return pick(phone, button)
    if (button.request_contact) return phone.say({ contact: { phone_number: '+49 30 123456', first_name: phone.person.first_name, user_id: phone.person.id } })
    if (button.request_location) return phone.say({ location: { latitude: 52.52, longitude: 13.405 } })
    if (Object.keys(button).some(key => key.startsWith('request_') || key === 'web_app')) return phone.toast('The sandbox has nothing like that.')
    if (markup.one_time_keyboard) phone.composer.hideKeys()
    phone.send(button.text)
  }))
}

/** @param {Phone} phone @param {Raw} button */
function pick(phone, button) {
  const wanted = button.request_users, most = wanted.max_quantity ?? 1
  const others = state.world.people.filter(person => person.id !== phone.person.id && !person.deleted)
  const boxes = others.map(person => h('input', { type: most > 1 ? 'checkbox' : 'radio', name: 'person', value: person.id }))
  sheet(phone.node, {
    title: button.text,
    content: [h('fieldset', {}, h('legend', {}, most > 1 ? `Up to ${most} people` : 'One of them'), others.map((person, index) => h('label', { class: 'check' }, boxes[index], avatar(person), nameOf(person))))],
    actions: [{ text: 'Cancel' }, { text: 'Choose', isMain: true, run: async () => {
      const chosen = others.filter((_, index) => boxes[index].checked)
      if (!chosen.length || chosen.length > most) throw new Error(chosen.length ? `At most ${most}.` : 'Choose somebody first.')
      await post('pick', { person: phone.person.id, people: chosen.map(person => person.id) })
      phone.composer.hideKeys()
    } }],
  })
}
