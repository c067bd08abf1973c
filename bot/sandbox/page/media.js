// @ts-check
/** Pictures and files: chosen, dragged in, pasted; sent as a photo, which is shrunk, or as the file it is. */
import { upload } from './api.js'
import { h } from './dom.js'
import { sheet } from './sheet.js'

/** @import { Phone } from './phone.js' */

const FILE_MAX = 50 * 1024 * 1024

/** @param {Phone} phone */
export function chooseFile(phone) {
  const input = h('input', { type: 'file' })
  input.onchange = () => { if (input.files?.[0]) offerFile(phone, input.files[0]) }
  input.click()
}

/** @param {Phone} phone @param {DataTransfer} pasted @returns {boolean} whether there was a file in it */
export function takePasted(phone, pasted) {
  const file = pasted.files[0]
  if (!file) return false
  offerFile(phone, file)
  return true
}

/** @param {Phone} phone */
export function takeDropped(phone) {
  let depth = 0
  const { node } = phone
  const over = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files')
  node.addEventListener('dragenter', event => { if (over(event)) { event.preventDefault(); depth += 1; node.classList.add('dropping') } })
  node.addEventListener('dragover', event => { if (over(event)) event.preventDefault() })
  node.addEventListener('dragleave', () => { depth = Math.max(0, depth - 1); if (!depth) node.classList.remove('dropping') })
  node.addEventListener('drop', event => {
    depth = 0
    node.classList.remove('dropping')
    const items = event.dataTransfer
    if (!items || !over(event)) return
    event.preventDefault()
    if (items.items[0]?.webkitGetAsEntry?.()?.isDirectory) return phone.toast('A folder cannot be sent: drop the picture itself.')
    if (items.files[0]) offerFile(phone, items.files[0])
  })
}

/** @param {Phone} phone @param {File} file */
export function offerFile(phone, file) {
  if (!file.size) return phone.toast('This file is empty.')
  if (file.size > FILE_MAX) return phone.toast('This file is too large: at most 50 MB.')
  const url = URL.createObjectURL(file), { field } = phone.composer
  const caption = h('input', { type: 'text', maxlength: 1024, value: field.value, dir: 'auto' })
  const preview = h('img', { class: 'preview', src: url, alt: '', hidden: true })
  preview.onload = () => { preview.hidden = false }
  const about = h('p', { dir: 'auto' }, file.name)
  const isPicture = file.type.startsWith('image/') && file.type !== 'image/svg+xml'
  const once = crypto.randomUUID() // who presses again after a lost answer sends it once
  const body = () => ({ person: phone.person.id, chat: phone.chat, caption: caption.value.trim() })
  /** @param {string} action @param {Record<string, any>} more */
  const go = async (action, more = {}) => {
    await upload(action, { ...body(), ...more, once: `${once}-${action}` }, file)
    phone.composer.put('')
  }
  sheet(phone.node, {
    title: isPicture ? 'Send a picture' : 'Send a file',
    content: [preview, about, h('label', {}, 'Caption', caption)],
    actions: [
      { text: 'Cancel' },
      { text: 'As a file', isMain: !isPicture, run: () => go('document', { file_name: file.name, mime_type: file.type || 'application/octet-stream' }) },
      ...(isPicture ? [{ text: 'As a photo', isMain: true, run: () => go('photo') }] : []),
    ],
    closed: () => URL.revokeObjectURL(url),
  })
}
