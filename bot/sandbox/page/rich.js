// @ts-check
/** Text with its entities, as elements. Offsets count UTF-16 units, as JavaScript's strings do. */
import { h } from './dom.js'

/** @import { Raw } from './types.js' */
/** @typedef {{follow: (link: string) => void, command: (text: string) => void, copy: (text: string) => void}} Doing */

/** @type {Record<string, keyof HTMLElementTagNameMap>} */
const TAGS = { bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', pre: 'pre', blockquote: 'blockquote', expandable_blockquote: 'blockquote' }

/** @param {string} text @param {Raw[]} entities @param {Doing} doing */
export function rich(text, entities, doing) {
  if (/^\/start [\w-]{1,64}$/.test(text)) text = '/start' // what a link carries is not shown, as in Telegram
  const root = h('span', { class: 'words' })
  const list = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length)
  /** @param {number} from @param {number} to @param {Raw[]} inside @param {HTMLElement} into */
  const build = (from, to, inside, into) => {
    let at = from
    while (inside.length) {
      const entity = inside.shift()
      if (entity.offset < at || entity.offset >= to) continue
      const end = Math.min(to, entity.offset + entity.length), within = []
      while (inside.length && inside[0].offset < end) within.push(inside.shift())
      into.append(text.slice(at, entity.offset))
      const node = marked(entity, text.slice(entity.offset, end), doing)
      if (!node.textContent) build(entity.offset, end, within, node)
      into.append(node)
      at = end
    }
    into.append(text.slice(at, to))
  }
  build(0, text.length, list, root)
  return root
}

/** @param {Raw} entity @param {string} word @param {Doing} doing @returns {HTMLElement} empty: its inside comes into it */
function marked(entity, word, doing) {
  switch (entity.type) {
    case 'url': case 'text_link': case 'email': {
      const address = entity.url ?? (entity.type === 'email' ? `mailto:${word}` : word.includes('://') ? word : `https://${word}`)
      const link = h('a', { href: /^(https?|mailto|tg):/i.test(address) ? address : undefined, rel: 'noopener noreferrer', target: '_blank' })
      link.onclick = event => { event.preventDefault(); doing.follow(address) }
      return link
    }
    case 'bot_command': return h('button', { type: 'button', class: 'inline-command', onclick: () => doing.command(word) }, word)
    case 'code': return h('button', { type: 'button', class: 'code', title: 'Copy', onclick: () => doing.copy(word) }, word)
    case 'mention': case 'text_mention': case 'hashtag': case 'cashtag': case 'phone_number': return h('span', { class: 'inline-command' })
    case 'spoiler': { const node = h('button', { type: 'button', class: 'spoiler' }); node.onclick = () => node.classList.add('open'); return node }
    case 'date_time': return h('time', { title: new Date(entity.unix_time * 1000).toLocaleString(), datetime: new Date(entity.unix_time * 1000).toISOString() }, moment(entity) || word)
    case 'expandable_blockquote': { const node = h('blockquote', { class: 'expandable' }); node.onclick = () => node.classList.toggle('open'); return node }
    default: return h(TAGS[entity.type] ?? 'span')
  }
}

/** @param {Raw} entity in the reader's own time zone and way */
function moment(entity) {
  const then = new Date(entity.unix_time * 1000), format = entity.date_time_format ?? ''
  if (format === 'r') {
    const minutes = Math.round((then.getTime() - Date.now()) / 60000), relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
    if (Math.abs(minutes) < 60) return relative.format(minutes, 'minute')
    return Math.abs(minutes) < 2880 ? relative.format(Math.round(minutes / 60), 'hour') : relative.format(Math.round(minutes / 1440), 'day')
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const options = {}
  if (format.includes('w')) options.weekday = 'long'
  if (/d/i.test(format)) Object.assign(options, { day: 'numeric', month: format.includes('D') ? 'long' : 'short', year: 'numeric' })
  if (/t/i.test(format)) Object.assign(options, { hour: '2-digit', minute: '2-digit', second: format.includes('T') ? '2-digit' : undefined })
  return Object.keys(options).length ? then.toLocaleString([], options) : ''
}
