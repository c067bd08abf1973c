// @ts-check
/** The camera of this machine in place of a phone's: what it sees is read by the server until there is a code in it. */
import { Gone, upload } from './api.js'
import { h } from './dom.js'
import { sheet } from './sheet.js'

/** @import { Phone } from './phone.js' */

const LOOK_MS = 350
const SIDE_MAX = 1280

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia)

/** @param {Phone} phone */
export async function scanWithCamera(phone) {
  /** @type {MediaStream} */
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: SIDE_MAX } } })
  } catch { return phone.toast('There is no camera here, or this page may not use it.') }
  const video = h('video', { playsinline: true, muted: true, autoplay: true, 'aria-label': 'What the camera sees' })
  const said = h('p', { role: 'status' }, 'Hold a QR code in front of the camera.')
  let isOpen = true
  video.muted = true
  video.srcObject = stream
  const close = sheet(phone.node, { title: 'Scan with the camera', content: [video, said], actions: [{ text: 'Cancel' }],
    closed: () => { isOpen = false; stream.getTracks().forEach(track => track.stop()) } })
  await video.play().catch(() => {})
  while (isOpen) {
    await new Promise(done => setTimeout(done, LOOK_MS))
    const frame = isOpen && video.videoWidth ? await taken(video) : null
    if (!frame) continue
    try {
      await upload('scan', { person: phone.person.id }, frame)
      close()
      phone.open(phone.person.id)
    } catch (error) {
      said.textContent = error instanceof Gone ? error.message : /No QR/.test(/** @type {Error} */ (error).message) ? 'Hold a QR code in front of the camera.' : /** @type {Error} */ (error).message
    }
  }
}

/** @param {HTMLVideoElement} video @returns {Promise<Blob | null>} */
function taken(video) {
  const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight))
  const canvas = h('canvas', { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) })
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  return new Promise(done => canvas.toBlob(done, 'image/jpeg', .9))
}
