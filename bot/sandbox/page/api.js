// @ts-check
/** Asking the server. A refusal is an `Error` with its words; a server that is gone is `Gone`. */

const PAGE = { 'x-page': 'yes' } // refusals come as answers, not as errors in the console

export class Gone extends Error {}

/** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
async function ask(path, options) {
  let answer
  try { answer = await fetch(path, options) } catch { throw new Gone('The sandbox cannot be reached.') }
  const text = await answer.text()
  /** @type {any} */
  let data = null
  try { data = JSON.parse(text) } catch { /* a refusal in plain words */ }
  if (!answer.ok || data?.error) throw new Error(data?.error ?? (text.slice(0, 200) || `The server answered ${answer.status}.`))
  return data
}

/** @param {string} path */
export const get = path => ask(path)

/** @param {string} action @param {Record<string, any>} [body] */
export const post = (action, body = {}) => ask(`/sandbox/${action}`, { method: 'POST', body: JSON.stringify(body), headers: PAGE })

/** @param {string} action @param {Record<string, any>} body @param {Blob} file as it is, without a third on top */
export const upload = (action, body, file) => ask(`/sandbox/${action}?body=${encodeURIComponent(JSON.stringify(body))}`, {
  method: 'POST', body: file, headers: { ...PAGE, 'content-type': 'application/octet-stream' },
})
