// @ts-check
/** The form of an invoice: what is to be paid, with Stars or a test card; to leave it costs nothing. */
import { post } from './api.js'
import { h } from './dom.js'
import { sheet } from './sheet.js'

/** @import { Phone } from './phone.js' */

/** @type {Record<string, string>} */
const CARDS = { '4242 4242 4242 4242': 'works', '4000 0000 0000 0002': 'is declined', '4000 0000 0000 3220': 'the bank never answers' }

/** @param {string} link */
export const isInvoice = link => /^(?:https?:\/\/)?t\.me\/(?:\$|invoice\/)/i.test(link)

/** @param {Phone} phone @param {{chat: number, message: number} | {link: string}} which its message, or its address */
export async function openInvoice(phone, which) {
  const person = phone.id
  /** @type {{title: string, description: string, lines: string[][], total: string, cards: string[], paid: boolean} | undefined} */
  const form = await phone.act('form', { person, ...which })
  if (!form) return
  /** @type {HTMLElement[]} */
  const content = [h('p', {}, form.description), h('table', { class: 'prices' }, h('tbody', {}, form.lines.map(([label, price]) => h('tr', {}, h('td', { dir: 'auto' }, label), h('td', {}, price)))))]
  if (form.paid) return void sheet(phone.node, { title: form.title, content: [...content, h('p', {}, 'It is paid.')], actions: [{ text: 'Close', isMain: true }] })
  const choices = form.cards.map((card, index) => h('input', { type: 'radio', name: `card-${person}`, value: card, checked: index === 0 }))
  if (choices.length) content.push(h('fieldset', {}, h('legend', {}, 'Test card'), choices.map((choice, index) => h('label', { class: 'check' }, choice, h('span', {}, form.cards[index], h('small', {}, ` ${CARDS[form.cards[index]] ?? ''}`))))))
  const waits = h('p', { role: 'status', class: 'waits' })
  content.push(waits)
  let isBusy = false
  sheet(phone.node, {
    title: form.title, content,
    actions: [{ text: 'Leave' }, { text: `Pay ${form.total}`, isMain: true, run: async () => {
      if (isBusy) return false
      isBusy = true
      waits.textContent = 'One moment…'
      try {
        const card = choices.find(choice => /** @type {HTMLInputElement} */ (choice).checked)
        const { state, reason } = await post('pay', { person, ...which, ...(card ? { card: /** @type {HTMLInputElement} */ (card).value } : {}) })
        if (state !== 'paid') throw new Error(reason)
      } finally {
        isBusy = false
        waits.textContent = ''
      }
      phone.toast('Paid')
    } }],
  })
}
